import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { ThinEvent } from '../../../daemon/protocol/events.ts';
import type { Version } from '../../../daemon/protocol/model.ts';
import type { RunRelation } from '../../../daemon/protocol/routes/versions.ts';
import { countText, sizeText } from '../../../daemon/shared/format.ts';
import { modelUri, referenceTo } from '../../../daemon/shared/references.ts';
import { betterText } from '../../../daemon/shared/runs/run-relation.ts';
import { trainedAt } from '../../../daemon/shared/version-time.ts';
import '../../components/data-table/data-table.ts';
import { personOf } from '../../../daemon/shared/event-text.ts';
import { bypassText } from '../../components/events.ts';
import { host } from '../../components/host.ts';
import { openComparison, pageLink } from '../../components/layout/links.ts';
import { moreMenu, namedMenu, type MenuItem } from '../../components/layout/menu.ts';
import { badge, pageHeader } from '../../components/layout/page-header.ts';
import { pickleWords } from '../../components/pickle.ts';
import { reportSection } from '../../components/reports.ts';
import { button, copyButton, section } from '../../components/section.ts';
import { tensorTable } from '../../components/tensors.ts';
import { cellText } from '../../components/text.ts';
import { historyLink, historyList } from '../../components/values/history-list.ts';
import { timeElement } from '../../components/values/time.ts';
import { miniLineage } from '../lineage/mini-lineage.ts';
import type { VersionView } from '../../protocol.ts';
import { comments, dataRows, deploymentRows, detailRows, evidenceRows, lineageLink, lineageRows } from './details.ts';
import { approvalSection, gateSection } from './gates.ts';
import './load-snippets.ts';
import { snippetsOf } from './load-snippets.ts';
import { versionFiles } from './version-files.ts';
import { metricTiles } from './metric-tiles.ts';
import { metricTable, paramTable } from './value-tables.ts';

type Part = TemplateResult | typeof nothing;

interface Rights {
  canChange: boolean;
  canApprove: boolean;
}

/** Shows one version: its values against production's on the left; whether it can be promoted, and its facts, on the right. */
export function versionPage(view: VersionView, rights: Rights, curves: Part): TemplateResult {
  const { detail, history, gateReports } = view;
  const { version, facts: found, lineage } = detail;
  const rows = new Map((view.comparison?.metrics ?? []).map((row) => [row.name, row]));
  return html`${head(view, rights)}
    <main class="columns-page version-page">
      <div class="wide-column">
        <div class="first">
          ${subLine(view)} ${section('problems', l10n.t('Problems'), problems(version, history))}
          ${betterPart(detail.ofRun, rights.canChange)} ${metricTiles(view, rows)}
        </div>
        ${metricSection(view, rows)} ${curves === nothing ? nothing : html`${legend(view)}${curves}`}
        ${paramSection(view)} ${lineage ? reportSection(referenceTo(version.model, version.number), lineage) : nothing}
        ${section('data', l10n.t('Data'), dataRows(detail))}
        ${section('tensors', l10n.t('Tensors'), tensorTable(found))} ${folded(l10n.t('Evidence'), evidenceRows(detail))}
        ${section('deployments', l10n.t('Deployments'), deploymentRows(detail.deployments ?? []))}
      </div>
      <aside class="side-column">
        <div class="promotion">
          ${gateReports.map((report, index) => gateSection(`gates-${index}`, report, version, rights))}
          ${approvalSection(version, detail.approvals ?? [], gateReports, rights)}
        </div>
        ${section('load', l10n.t('Load'), html`<plinth-load-snippets .of=${snippetsOf(version)}></plinth-load-snippets>`)}
        ${section('lineage', l10n.t('Lineage'), html`${miniLineage(view)} ${lineageRows(detail)}`, lineageLink(version))}
        ${section('files', l10n.t('Files'), versionFiles(version, detail.files))}
        ${section('pickle', l10n.t('Pickle safety'), pickleWords(found))}
        ${section('facts', l10n.t('Details'), detailRows(detail))}
        ${section('notes', l10n.t('Comments'), comments(detail, rights.canChange))}
        ${section('history', l10n.t('History'), historyList(history), historyLink(version.model))}
      </aside>
    </main>`;
}

function head(view: VersionView, { canChange }: Rights): TemplateResult {
  const { version } = view.detail;
  const { model, number, stage, aliases, state, pickle } = version;
  const reference = referenceTo(model, number);
  const title = html`${pageLink(model, { page: 'model', model })} v${number}`;
  const badges: (Part | string)[] = [
    ...(stage === 'development' ? [] : [badge(stage, stage === 'archived' ? '' : 'stage')]),
    ...aliases.map((alias) => badge(`@${alias}`, 'stage')),
    state === 'ready' ? nothing : badge(state, 'bad'),
    pickleBadge(pickle),
  ];
  const promote =
    canChange && state === 'ready'
      ? button(l10n.t('Promote…'), () => host.post({ kind: 'promote', reference }), true)
      : nothing;
  return pageHeader(title, badges, [
    promote,
    namedMenu(l10n.t('Compare'), compareItems(view)),
    namedMenu(l10n.t('Copy'), copyItems(version)),
    moreMenu(moreItems(version, canChange)),
  ]);
}

function pickleBadge(pickle: Version['pickle']): Part {
  switch (pickle) {
    case 'no code':
    case 'known imports only':
      return badge(
        l10n.t('safe imports'),
        'good',
        l10n.t('The pickle names only classes of known libraries, or no code.'),
      );
    case 'runs code':
    case 'unreadable':
      return badge(l10n.t('unsafe pickle'), 'bad', l10n.t('See Pickle safety.'));
    default:
      return nothing;
  }
}

function compareItems({ detail, baseline, siblings }: VersionView): MenuItem[] {
  const { model, number } = detail.version;
  const against = (other: number) => (): void =>
    openComparison([referenceTo(model, other), referenceTo(model, number)]);
  const before = siblings.findLast((one) => one.number < number)?.number;
  const items: (MenuItem | false)[] = [
    baseline !== null &&
      baseline.isProduction && {
        label: l10n.t('With production (v{0})', baseline.number),
        act: against(baseline.number),
      },
    baseline !== null &&
      !baseline.isProduction && {
        label: l10n.t('With previous version (v{0})', baseline.number),
        act: against(baseline.number),
      },
    before !== undefined &&
      before !== baseline?.number && {
        label: l10n.t('With the version before it (v{0})', before),
        act: against(before),
      },
  ];
  return items.filter((item) => item !== false);
}

function copyItems(version: Version): MenuItem[] {
  const { model, number, stage, aliases } = version;
  const copy = (text: string): MenuItem => ({ label: text, act: () => host.post({ kind: 'copy', text }) });
  const named =
    stage === 'development' || stage === 'archived' ? [] : [modelUri(model, { kind: 'stage', name: stage })];
  const byAlias = aliases.map((name) => modelUri(model, { kind: 'alias', name }));
  return [modelUri(model, number), ...named, ...byAlias, referenceTo(model, number)].map(copy);
}

function moreItems({ model, number }: Version, canChange: boolean): MenuItem[] {
  const reference = referenceTo(model, number);
  const lineage: MenuItem = {
    label: l10n.t('Show Lineage'),
    act: () => host.post({ kind: 'open', place: { page: 'lineage', model, version: String(number) } }),
  };
  const tags: MenuItem = { label: l10n.t('Edit Tags…'), act: () => host.post({ kind: 'editTags', reference }) };
  return canChange ? [lineage, tags] : [lineage];
}

/** One line of what made it: when it was trained, by whom, from which commit, how long, how large. */
function subLine({ detail }: VersionView): TemplateResult {
  const { version, lineage, facts: found } = detail;
  const { code } = lineage ?? {};
  const parts = [
    html`${l10n.t('Trained')} ${timeElement(trainedAt(version))}`,
    html`<span title=${version.actor}>${l10n.t('registered by {0}', personOf(version.actor))}</span>`,
    ...(code
      ? [html`${l10n.t('commit {0}', code.commit.slice(0, 7))}${code.branch === null ? '' : ` (${code.branch})`}`]
      : []),
    ...(found.step === null ? [] : [html`${l10n.t('{0} steps', countText(found.step))}`]),
    html`${sizeText(version.size)}`,
  ];
  return html`<p class="sub-line">${parts.map((part, index) => (index === 0 ? part : html` · ${part}`))}</p>
    ${version.description === '' ? nothing : html`<p class="lead">${version.description}</p>`}`;
}

function problems({ problems: found, state, number }: Version, history: readonly ThinEvent[]): Part {
  const damaged = state === 'damaged' ? [l10n.t('Files are corrupted. Run Verify Integrity for details.')] : [];
  const past = history.flatMap((event) => (event.number === number ? (bypassText(event) ?? []) : []));
  const texts = [...damaged, ...past, ...found.map(({ message }) => message)];
  return texts.length === 0
    ? nothing
    : html`<ul class="plain-list">
        ${texts.map((text) => html`<li class="worse">▼ ${text}</li>`)}
      </ul>`;
}

/** Shows a checkpoint of the same run that the log calls better, with the action that registers it. */
function betterPart(ofRun: RunRelation | undefined, canChange: boolean): Part {
  const better = ofRun?.better;
  if (!better) return nothing;
  const register = (): void => host.post({ kind: 'register', path: better.path });
  const act = canChange && better.isOnDisk ? button(l10n.t('Register'), register) : nothing;
  const name = better.path.slice(better.path.lastIndexOf('/') + 1);
  return section('better', l10n.t('Better checkpoint'), html`<p>${betterText(better, name)}</p>`, act);
}

function metricSection(view: VersionView, rows: Parameters<typeof metricTable>[1]): Part {
  const { metrics } = view.detail.version;
  const entries = Object.entries(metrics);
  if (entries.length === 0) return nothing;
  const title = l10n.t('Metrics');
  const copy = copyButton(title, () => [[title, ''], ...entries.map(([name, value]) => [name, cellText(value)])]);
  const table = html`<plinth-data-table .of=${metricTable(view, rows)}></plinth-data-table>`;
  return section('metrics', title, table, html`<span class="count">${baselineText(view)}</span>${copy}`);
}

function baselineText({ baseline }: VersionView): string {
  if (baseline === null) return '';
  return baseline.isProduction
    ? l10n.t('against v{0} in production', baseline.number)
    : l10n.t('against v{0}', baseline.number);
}

function paramSection(view: VersionView): Part {
  const { params } = view.detail.version;
  if (Object.keys(params).length === 0) return nothing;
  const title = l10n.t('Parameters');
  const differing = (view.comparison?.params ?? []).filter(({ differs }) => differs).length;
  const count = view.baseline ? html`<span class="count">${l10n.t('{0} differ', differing)}</span>` : nothing;
  return section('params', title, html`<plinth-data-table .of=${paramTable(view)}></plinth-data-table>`, count);
}

/** The legend of the curves: the version, and its baseline. */
function legend({ detail, baseline }: VersionView): Part {
  if (baseline === null) return nothing;
  const other = baseline.isProduction ? l10n.t('production v{0}', baseline.number) : `v${baseline.number}`;
  return html`<p class="legend">
    <span class="swatch c0"></span>v${detail.version.number} <span class="swatch c1"></span>${other}
  </p>`;
}

function folded(title: string, content: Part): Part {
  if (content === nothing) return nothing;
  return html`<details class="fold section-fold">
    <summary>${title}</summary>
    ${content}
  </details>`;
}
