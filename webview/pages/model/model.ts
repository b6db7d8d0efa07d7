import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { pointerText } from '../../../daemon/shared/event-text.ts';
import { exactTimeText } from '../../../daemon/shared/format.ts';
import { directionOf, leadingMetrics, orderMetricNames } from '../../../daemon/shared/metrics.ts';
import type { GateReport } from '../../../daemon/protocol/policy.ts';
import '../../components/data-table/data-table.ts';
import { historyLink, historyList } from '../../components/values/history-list.ts';
import { host } from '../../components/host.ts';
import { compareButton } from '../../components/layout/compare-button.ts';
import { versionLink } from '../../components/layout/links.ts';
import { moreMenu, namedMenu, type MenuItem } from '../../components/layout/menu.ts';
import { badge, pageHeader } from '../../components/layout/page-header.ts';
import { plainTable, section } from '../../components/section.ts';
import type { ModelView } from '../../protocol.ts';
import { cardActs, cardText } from './card.ts';
import { comparedReferences } from './compared-references.ts';
import { comparisonItems } from './comparison-menu.ts';
import { lanesOf, type Span } from './pointer-timeline.ts';
import { stageCards } from './stage-cards.ts';
import './timeline.ts';
import type { TimelineModel } from './timeline-layout.ts';
import { versionTable } from './version-table.ts';

type Part = TemplateResult | typeof nothing;

export interface ModelLook {
  metric: string | undefined;
  setMetric(metric: string): void;
  /** A second metric of the chart; undefined for none. */
  second: string | undefined;
  setSecond(metric: string | undefined): void;
  /** Numbers of the selected versions. */
  chosen: ReadonlySet<number>;
  choose(versions: ReadonlySet<number>): void;
  canChange: boolean;
}

/** Shows one model over its versions: what holds its stages, a metric with their history on one axis, and all versions to choose from. */
export function modelPage(view: ModelView, look: ModelLook): TemplateResult {
  const { model, versions, moves } = view;
  const lanes = lanesOf(moves);
  const toggle = ({ detail }: CustomEvent<number>): void => {
    const next = new Set(look.chosen);
    if (!next.delete(detail)) next.add(detail);
    look.choose(next);
  };
  const select = ({ detail }: CustomEvent<ReadonlySet<string>>): void => look.choose(new Set([...detail].map(Number)));
  return html`${modelHeader(view, look)}
    <main class="columns-page">
      <div class="wide-column">
        ${model.description === '' ? nothing : html`<p class="lead">${model.description}</p>`}
        ${stageCards(model, versions, look.canChange)} ${timelineSection(view, lanes, look, toggle)}
        ${section(
          'versions',
          l10n.t('Versions'),
          versions.length === 0
            ? nothing
            : html`<plinth-data-table
                .of=${versionTable(model, versions)}
                .selected=${new Set([...look.chosen].map(String))}
                @plinth-select=${select}
              ></plinth-data-table>`,
          html`<span class="count">${model.versions}</span>`,
        )}
        ${section('card', l10n.t('Card'), cardText(view.card), cardActs(view, look.canChange))}
      </div>
      <aside class="side-column">
        ${attention(view.reasons ?? [])} ${policyPart(view)}
        ${section('history', l10n.t('History'), historyList(view.history), historyLink(model.name))}
      </aside>
    </main>`;
}

function modelHeader(view: ModelView, look: ModelLook): TemplateResult {
  const { model } = view;
  const chosen = comparedReferences(model, look.chosen);
  const compare = compareButton(chosen, { tooFew: l10n.t('Select at least two versions.') });
  return pageHeader(
    model.name,
    [model.owner === null ? '' : badge(l10n.t('owner: {0}', model.owner)), referencesButton(view)],
    [compare, namedMenu(l10n.t('Compare'), comparisonItems(view, look.chosen)), moreMenu(pageItems(view, look))],
  );
}

function pageItems({ model: { name } }: ModelView, { canChange }: ModelLook): MenuItem[] {
  const runs = {
    label: l10n.t('Show Runs'),
    act: () => host.post({ kind: 'open', place: { page: 'runs', model: name } }),
  };
  const history = {
    label: l10n.t('Show History'),
    act: () => host.post({ kind: 'open', place: { page: 'history', model: name } }),
  };
  const card = { label: l10n.t('Edit Card'), act: () => host.post({ kind: 'editCard', model: name }) };
  return canChange ? [runs, history, card] : [runs, history];
}

/** Shows how many references load it, in an editor whose workspace has some. */
function referencesButton({ model, references = 0 }: ModelView): Part {
  if (references === 0) return nothing;
  const text =
    references === 1 ? l10n.t('1 reference in this workspace') : l10n.t('{0} references in this workspace', references);
  return html`<button class="link" @click=${() => host.post({ kind: 'references', model: model.name })}>
    ${text}
  </button>`;
}

function timelineSection(
  view: ModelView,
  lanes: ReadonlyMap<string, readonly Span[]>,
  look: ModelLook,
  toggle: (event: CustomEvent<number>) => void,
): Part {
  const { model, versions } = view;
  const names = orderMetricNames(versions, leadingMetrics(model));
  const metric = look.metric ?? model.primaryMetric?.name ?? names[0];
  if (metric === undefined && lanes.size === 0) return nothing;
  const direction =
    metric === model.primaryMetric?.name ? (model.primaryMetric?.direction ?? null) : directionOf(metric ?? '');
  const of: TimelineModel = {
    model: model.name,
    versions,
    lanes,
    metric: metric ?? '',
    direction,
    second: secondOf(names, metric, look),
    thresholds: model.thresholds,
    selected: look.chosen,
  };
  const content = html`<plinth-timeline .of=${of} @plinth-toggle=${toggle}></plinth-timeline> ${stageHistory(lanes)}`;
  const pickers = html`${picker(names, metric, look)}${secondPicker(names, metric, look)}`;
  return section('metric', l10n.t('Metric by version'), content, pickers);
}

function secondOf(names: readonly string[], first: string | undefined, { second }: ModelLook): TimelineModel['second'] {
  if (second === undefined || second === first || !names.includes(second)) return null;
  return { metric: second, direction: directionOf(second) };
}

/** Options are selected by their property, because their elements are used again for other names when the first metric changes. */
function secondPicker(names: readonly string[], first: string | undefined, look: ModelLook): Part {
  if (names.length < 2) return nothing;
  const chosen = secondOf(names, first, look)?.metric ?? '';
  const choose = (event: Event): void => look.setSecond((event.target as HTMLSelectElement).value || undefined);
  return html`<label class="picker"
    ><span class="sr">${l10n.t('Second metric')}</span>
    <select @change=${choose}>
      <option value="" .selected=${chosen === ''}>${l10n.t('Second: none')}</option>
      ${names.flatMap((name) => (name === first ? [] : [html`<option value=${name} .selected=${name === chosen}>${name}</option>`]))}
    </select></label
  >`;
}

function picker(names: readonly string[], metric: string | undefined, look: ModelLook): Part {
  if (names.length === 0) return nothing;
  return html`<label class="picker"
    ><span class="sr">${l10n.t('Metric')}</span>
    <select @change=${(event: Event) => look.setMetric((event.target as HTMLSelectElement).value)}>
      ${names.map((name) => html`<option value=${name} .selected=${name === metric}>${name}</option>`)}
    </select></label
  >`;
}

/** The periods of the lanes, for people who prefer to read. */
function stageHistory(lanes: ReadonlyMap<string, readonly Span[]>): Part {
  const rows = [...lanes].flatMap(([name, spans]) =>
    spans.map(({ version, from, to, actor, reason }) => ({
      from,
      cells: [name, `v${version}`, exactTimeText(from), to === null ? l10n.t('now') : exactTimeText(to), actor, reason],
    })),
  );
  if (rows.length === 0) return nothing;
  const head = [l10n.t('Name'), l10n.t('Version'), l10n.t('From'), l10n.t('To'), l10n.t('By'), l10n.t('Reason')];
  const sorted = rows.toSorted((a, b) => b.from - a.from).map(({ cells }) => cells);
  return html`<details class="fold">
    <summary>${l10n.t('Stage history as table')}</summary>
    ${plainTable(l10n.t('Stage history'), head, sorted)}
  </details>`;
}

function attention(reasons: readonly string[]): Part {
  if (reasons.length === 0) return nothing;
  return section(
    'review',
    l10n.t('Needs attention'),
    html`<ul class="plain-list">
      ${reasons.map((reason) => html`<li>${reason}</li>`)}
    </ul>`,
  );
}

/** Says for each stage and alias with gates how many of them the newest version passes. */
function policyPart({ model, gateReports = [] }: ModelView): Part {
  const rows = gateReports.filter(({ gates }) => gates.length > 0);
  const [first] = rows;
  if (!first) return nothing;
  const content = html`<ul class="plain-list">
      ${rows.map((report) => html`<li>${gateCount(report)}</li>`)}
    </ul>
    ${first.policy === null ? nothing : html`<p class="count" title=${first.policy.path}>${policyName(first)}</p>`}`;
  return section('policy', l10n.t('Policy'), content, versionLink(model.name, first.number));
}

function gateCount(report: GateReport): TemplateResult {
  const ran = report.gates.filter(({ outcome }) => outcome !== 'skipped');
  const passed = ran.filter(({ outcome }) => outcome === 'passed').length;
  const mark = passed === ran.length ? '✓' : '✗';
  return html`${mark} ${l10n.t('{0}: {1} of {2} gates passed', pointerText(report), passed, ran.length)}`;
}

function policyName({ policy }: GateReport): string {
  const name = (policy?.path ?? '').replace(/^.*[\\/](?=[^\\/]+[\\/][^\\/]+$)/s, '');
  return policy?.committed === false ? l10n.t('{0} (uncommitted)', name) : name;
}
