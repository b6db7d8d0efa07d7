import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import type { CompareRow, Comparison } from '../../../daemon/protocol/comparison.ts';
import { summarizeComparison } from '../../../daemon/shared/comparison-summary.ts';
import { selectPrimaryMetric } from '../../../daemon/shared/metrics.ts';
import type { CompareView } from '../../protocol.ts';
import * as l10n from '@vscode/l10n';
import { columnLabels } from '../../components/column-labels.ts';
import { reportComparison } from '../../components/reports.ts';
import { copyButton } from '../../components/section.ts';
import { compareHeader } from './header.ts';
import type { CompareLook } from './look.ts';
import { inReadingOrder } from './matrix.ts';
import { textsOf, type ColumnHead, type Section } from './rows.ts';
import './table.ts';
import { summaryCard } from './summary-card.ts';
import { textSection } from './texts.ts';

/** Returns the metric that stands for the compared model: the one chosen for it, else the most informative one. */
export function primaryMetricOf({ comparison, primaryMetric }: CompareView): string | null {
  if (primaryMetric !== null) return primaryMetric;
  const { metrics, columns } = comparison;
  const numbers = columns.map((_, column) =>
    Object.fromEntries(
      metrics.flatMap(({ name, values }) => {
        const value = values[column];
        return typeof value === 'number' ? [[name, value] as const] : [];
      }),
    ),
  );
  return selectPrimaryMetric(numbers);
}

/** The section that shows the differences of texts instead of a table. */
const textsId = 'config';

/** Shows versions side by side: a summary of each, then each kind of difference. */
export function comparePage(view: CompareView, look: CompareLook): TemplateResult {
  const { comparison } = view;
  const columns = columnHeads(comparison);
  const primary = primaryMetricOf(view);
  const sections = sectionsOf(comparison, primary).filter(({ rows }) => rows.length > 0);
  const [metrics, ...rest] = sections;
  const extra: [boolean, string, string][] = [
    [look.curves !== nothing, 'curves', l10n.t('Curves')],
    [comparison.reports.length > 0, 'reports', l10n.t('Reports')],
  ];
  const links = extra.flatMap(([isShown, id, title]) => (isShown ? [{ id, title }] : []));
  const navigation = metrics ? [metrics, ...links, ...rest] : [...links, ...rest];
  const shown = (one: Section): unknown =>
    one.id === textsId
      ? guard([one.rows], () => textSection(comparison.config, columns))
      : guard([one.rows, look.only, one.judged ? look.kind : null], () => sectionOf(one, columns, look));
  const row = comparison.metrics.find(({ name }) => name === primary);
  return html`${compareHeader(titleOf(comparison), columns, summarizeComparison(comparison), look)}
    <nav aria-label=${l10n.t('Sections')}>${navigation.map(({ id, title }) => link(id, title))}</nav>
    <main>
      ${summaryCard(comparison, columns, row, look)} ${metrics ? shown(metrics) : nothing} ${look.curves}
      ${reportComparison(comparison, look.only)} ${rest.map(shown)}
      ${comparison.tensors.rows.length > 0 || comparison.tensors.equal > 0 ? look.norms : nothing}
    </main>`;
}

function titleOf({ columns }: Comparison): string {
  const models = [...new Set(columns.flatMap(({ model }) => model ?? []))];
  return models.length === 1 ? (models[0] ?? '') : l10n.t('Comparison');
}

/** Stages that say nothing of a version: most have one of them. */
const everyday: ReadonlySet<string> = new Set(['development', 'archived']);

function columnHeads({ columns }: Comparison): ColumnHead[] {
  const labels = columnLabels(columns);
  return columns.map(({ reference, stage, aliases }, place) => ({
    reference,
    label: labels[place] ?? reference,
    note: [stage === null || everyday.has(stage) ? [] : stage, aliases.map((alias) => `@${alias}`)].flat(2).join(' · '),
  }));
}

/** Sorted lists of metrics, so that a table is drawn again only for another comparison. */
const sorted = new WeakMap<Comparison, Section>();

function metricSection(found: Comparison, primary: string | null): Section {
  const known = sorted.get(found);
  if (known) return known;
  const rows = inReadingOrder(found.metrics, primary);
  const section = { id: 'metrics', title: l10n.t('Metrics'), rows, judged: true };
  sorted.set(found, section);
  return section;
}

function sectionsOf(found: Comparison, primary: string | null): Section[] {
  const plain = (id: string, title: string, rows: readonly CompareRow[]): Section => ({
    id,
    title,
    rows,
    judged: false,
  });
  return [
    metricSection(found, primary),
    plain('params', l10n.t('Parameters'), found.params),
    plain(textsId, l10n.t('Config files'), found.config),
    plain('environment', l10n.t('Environment'), found.environment),
    plain('code', l10n.t('Code'), found.code),
    plain('data', l10n.t('Data'), found.data),
    plain('signature', l10n.t('Signature'), found.signature),
    plain('facts', l10n.t('Model'), found.facts),
    plain('files', l10n.t('Artifacts'), found.files),
    plain('tensors', l10n.t('Tensors'), found.tensors.rows),
  ];
}

function link(id: string, title: string): TemplateResult {
  const go = (event: Event): void => {
    event.preventDefault();
    document.getElementById(id)?.scrollIntoView();
  };
  return html`<a href=${`#${id}`} @click=${go}>${title}</a>`;
}

function sectionOf(section: Section, columns: readonly ColumnHead[], look: CompareLook): TemplateResult {
  const differing = section.rows.filter(({ differs }) => differs);
  const rows = look.only ? differing : section.rows;
  const references = columns.map(({ reference }) => reference);
  const kind = section.judged ? look.kind : null;
  return html`<section aria-labelledby=${section.id}>
    <div class="title">
      <h2 id=${section.id}>${section.title}</h2>
      <span class="count">${l10n.t('{0} of {1} differ', differing.length, section.rows.length)}</span>
      ${kind ? html`<button class="link" @click=${() => look.choose(null)}>${l10n.t('Show all metrics')}</button>` : nothing}
      ${copyButton(section.title, () => textsOf(section, rows, references))}
    </div>
    ${
      rows.length === 0
        ? html`<p class="count">${l10n.t('Identical.')}</p>`
        : html`<plinth-compare-table .of=${{ section, rows, columns, kind }}></plinth-compare-table>`
    }
  </section>`;
}
