import { html, nothing, type TemplateResult } from 'lit';
import type { Points, SeriesReply } from '../../../daemon/protocol/series.ts';
import './chart.ts';
import type { ChartSize } from './chart-arrangement.ts';
import { chartGrid, sizeSwitch, type ChartGrid } from './chart-grid.ts';
import { planCharts, type ChartPlan } from './chart-plan.ts';
import { groupLines, type LineGroups } from './group-lines.ts';
import { axisMetric, type ChartLook, type Line, type XAxis } from './chart-points.ts';
import * as l10n from '@vscode/l10n';
import { section } from '../section.ts';

/** The curves received so far, by metric. A list is replaced only when its points change, and only then its chart is redrawn. */
export type Drawn = ReadonlyMap<string, Line[]>;

/** What the curves of a page are drawn from, besides their series. */
export interface CurveLook {
  drawn: Drawn;
  look: ChartLook;
  change(look: Partial<ChartLook>): void;
  /** Metrics whose charts come first. */
  leading: readonly string[];
  /** Places of versions whose curves are not drawn. */
  hidden: ReadonlySet<number>;
  /** What stands at the left of the charts where there is room. */
  runList?: TemplateResult;
  /** Joins the curves of versions; absent for none. */
  groups?: LineGroups | undefined;
  /** How the charts are arranged; absent for one list in reading order. */
  grid?: ChartGrid;
  /** Controls of the page beside those of the charts. */
  extra?: TemplateResult | typeof nothing;
  /** Says which charts are shown; all if absent. */
  isShown?: (metric: string) => boolean;
}

/** Returns the curves of one metric, for the columns that have it. */
export function linesOf(
  { versions, metrics }: SeriesReply,
  name: string,
  columns: readonly Points[],
  labels: readonly string[] = versions,
): Line[] {
  const of = metrics.find(({ metric }) => metric === name)?.of;
  return versions.flatMap((reference, place) => {
    const points = columns[place];
    const label = labels[place] ?? reference;
    return points && points.values.length > 0 ? [{ label, points, best: of?.[place]?.best ?? null, place }] : [];
  });
}

interface Joined {
  training: Line[] | undefined;
  axis: Line[] | undefined;
  lines: Line[];
}

/** Joined lists, so that a chart gets the same list as long as nothing changed. */
const joined = new WeakMap<Line[], Joined>();

/** Returns the curves of a chart; undefined until all of its points have arrived. */
function linesIn(drawn: Drawn, metric: string, trainingMetric: string | null, x: XAxis): Line[] | undefined {
  const lines = drawn.get(metric);
  const xMetric = axisMetric(x);
  const axis = xMetric === null ? undefined : drawn.get(xMetric);
  const training = trainingMetric === null ? undefined : drawn.get(trainingMetric);
  if (!lines || (xMetric !== null && !axis)) return undefined;
  const known = joined.get(lines);
  if (known && known.training === training && known.axis === axis) return known.lines;
  const both = [...lines, ...(training ?? []).map((line) => ({ ...line, isTraining: true, best: null }))];
  const placed = both.map((line) => {
    const points = axis?.find(({ place }) => place === line.place)?.points;
    return points ? { ...line, axis: points } : line;
  });
  joined.set(lines, { training, axis, lines: placed });
  return placed;
}

interface GroupedLines {
  key: readonly unknown[];
  lines: Line[];
}

/** Joined curves, so that a chart gets the same list as long as nothing changed. */
const grouped = new WeakMap<Line[], GroupedLines>();

function groupedLines(
  lines: Line[] | undefined,
  groups: LineGroups,
  x: XAxis,
  hidden: ReadonlySet<number>,
): Line[] | undefined {
  if (!lines) return undefined;
  const key = [groups, x, hidden];
  const known = grouped.get(lines);
  if (known?.key.every((one, at) => one === key[at])) return known.lines;
  const found = { key, lines: groupLines(lines, groups, x, hidden) };
  grouped.set(lines, found);
  return found.lines;
}

const noPlaces: ReadonlySet<number> = new Set();

/** Draws one small chart per metric, and the controls that change all of them. */
export function curveCharts(
  series: SeriesReply,
  { drawn, look, change, leading, hidden, runList, groups, grid, extra, isShown }: CurveLook,
): TemplateResult | typeof nothing {
  const rows = series.metrics.filter(({ metric }) => isShown?.(metric) ?? true);
  if (series.metrics.length === 0) return nothing;
  const linesFor = (metric: string, training: string | null): Line[] | undefined => {
    const lines = linesIn(drawn, metric, training, look.x);
    return groups ? groupedLines(lines, groups, look.x, hidden) : lines;
  };
  const chart = (
    { metric, training, direction }: ChartPlan,
    size: ChartSize = 'M',
    isPinned: boolean | null = null,
  ): TemplateResult =>
    html`<plinth-chart
      .name=${metric}
      .training=${training}
      .direction=${direction}
      .lines=${linesFor(metric, training)}
      .look=${look}
      .hiddenLines=${groups ? noPlaces : hidden}
      .size=${size}
      .pinned=${isPinned}
    ></plinth-chart>`;
  const plans = planCharts(rows, leading);
  const charts = grid
    ? chartGrid(plans, grid, chart)
    : html`<div class="charts">${plans.map((plan) => chart(plan))}</div>`;
  const zoomed = (event: Event): void => {
    event.preventDefault();
    change({ zoom: (event as CustomEvent<ChartLook['zoom']>).detail });
  };
  const content = html`<div class=${runList ? 'with-runs' : ''} @plinth-zoom=${zoomed}>
    ${runList ?? nothing}${charts}
  </div>`;
  const count =
    rows.length < series.metrics.length
      ? html`<span class="count">${l10n.t('{0} of {1}', rows.length, series.metrics.length)}</span>`
      : nothing;
  return section(
    'curves',
    l10n.t('Curves'),
    content,
    html`${count}${controls(series, look, change, html`${grid ? sizeSwitch(grid) : nothing}${extra ?? nothing}`)}`,
  );
}

const maxAxisMetrics = 30;

/** Returns the x axes that the data has: the step, the epoch and times if they were logged, and other metrics. */
export function axesOf({ metrics }: SeriesReply): { own: [XAxis, string][]; metrics: XAxis[] } {
  const epoch = metrics.find(({ metric }) => /(^|[/._])epoch$/i.test(metric))?.metric;
  const hasTimes = metrics.some(({ of }) => of.some((facts) => facts?.times));
  const times: [XAxis, string][] = [
    ['relative', l10n.t('relative time')],
    ['wall', l10n.t('time of day')],
  ];
  return {
    own: [
      ['step', l10n.t('step')],
      ...(epoch === undefined ? [] : [[`metric:${epoch}`, l10n.t('epoch')] as [XAxis, string]]),
      ...(hasTimes ? times : []),
    ],
    metrics: metrics
      .flatMap(({ metric }) => (metric === epoch ? [] : [`metric:${metric}` as const]))
      .slice(0, maxAxisMetrics),
  };
}

const smoothings: readonly (number | null)[] = [null, 0, 0.5, 0.8, 0.95];

function controls(
  series: SeriesReply,
  look: ChartLook,
  change: CurveLook['change'],
  extra: CurveLook['extra'] = nothing,
): TemplateResult {
  const input = (event: Event): HTMLInputElement => event.target as HTMLInputElement;
  const axes = axesOf(series);
  const option = (value: string, text: string, isChosen: boolean): TemplateResult =>
    html`<option value=${value} ?selected=${isChosen}>${text}</option>`;
  const smoothingText = (value: number | null): string =>
    value === null ? l10n.t('auto') : value === 0 ? l10n.t('off') : String(value);
  return html`<span class="acts">
    ${look.zoom ? html`<button class="link" @click=${() => change({ zoom: null })}>${l10n.t('Reset zoom')}</button>` : nothing}
    ${extra}
    <label
      >${l10n.t('X axis')}
      <select @change=${(event: Event) => change({ x: input(event).value as XAxis, zoom: null })}>
        ${axes.own.map(([x, text]) => option(x, text, look.x === x))}
        ${
          axes.metrics.length === 0
            ? nothing
            : html`<optgroup label=${l10n.t('Metric')}>
                ${axes.metrics.map((x) => option(x, axisMetric(x) ?? '', look.x === x))}
              </optgroup>`
        }
      </select></label
    >
    ${toggle(l10n.t('Log scale'), look.log, (log) => change({ log }))}
    ${look.x === 'wall' ? nothing : toggle(l10n.t('Log x'), look.logX, (logX) => change({ logX, zoom: null }))}
    ${toggle(l10n.t('Clip outliers'), look.clip, (clip) => change({ clip }))}
    <label
      >${l10n.t('Smoothing')}
      <select
        @change=${(event: Event) => change({ smoothing: input(event).value === '' ? null : Number(input(event).value) })}
      >
        ${smoothings.map((value) => option(value === null ? '' : String(value), smoothingText(value), look.smoothing === value))}
      </select></label
    >
  </span>`;
}

function toggle(label: string, isOn: boolean, set: (isOn: boolean) => void): TemplateResult {
  return html`<label
    ><input
      type="checkbox"
      .checked=${isOn}
      @change=${(event: Event) => set((event.target as HTMLInputElement).checked)}
    />
    ${label}</label
  >`;
}
