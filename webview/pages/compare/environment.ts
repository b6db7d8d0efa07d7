import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { changedPackages, type ChangedPackage, type PackageChange } from './layout/package-changes.ts';
import type { ColumnHead, Section } from './rows.ts';

/** Shows what changed in the environment of each version as a list of upgrades: `numpy 2.3.1 → 2.3.4`. */
export function environmentChanges({ rows }: Section, columns: readonly ColumnHead[]): TemplateResult {
  const lists = columns.slice(1).map(({ label, place }) => {
    const packages = changedPackages(rows, place);
    if (packages.length === 0) return nothing;
    const title = columns.length > 2 ? html`<h3>${columns[0]?.label} → ${label}</h3>` : nothing;
    const groups = Map.groupBy(packages, ({ change }) => change);
    return html`${title}
      <dl class="packages">${kinds().map(([change, name]) => group(name, groups.get(change) ?? []))}</dl>`;
  });
  return html`${lists}`;
}

function kinds(): [PackageChange, string][] {
  return [
    ['upgraded', l10n.t('Upgraded')],
    ['downgraded', l10n.t('Downgraded')],
    ['changed', l10n.t('Changed')],
    ['added', l10n.t('Added')],
    ['removed', l10n.t('Removed')],
  ];
}

function group(name: string, packages: readonly ChangedPackage[]): TemplateResult | typeof nothing {
  if (packages.length === 0) return nothing;
  return html`<dt>${name} <span class="count">${packages.length}</span></dt>
    <dd>${packages.map(line)}</dd>`;
}

function line({ name, before, after, level }: ChangedPackage): TemplateResult {
  const levels = { major: l10n.t('major'), minor: l10n.t('minor'), patch: l10n.t('patch') };
  const text = before === null ? after : after === null ? before : `${before} → ${after}`;
  return html`<span class=${`package ${level ?? ''}`}>
    ${name}
    <span class="version-change">${text}</span> ${level === null ? nothing : html`<small>${levels[level]}</small>`}
  </span>`;
}
