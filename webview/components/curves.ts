import { html, nothing, type TemplateResult } from 'lit';
import type { Points, SeriesReply } from '../../daemon/protocol/series.ts';
import './chart.ts';
import { planCharts } from './chart-plan.ts';
import type { Line, Look } from './chart-points.ts';
import * as l10n from '@vscode/l10n';
import { section } from './section.ts';

/** The curves received so far, by metric. A list is replaced only when its points change, and only then its chart is redrawn. */
export type Drawn = ReadonlyMap<string, Line[]>;

/** What the curves of a page are drawn from, besides their series. */
export interface CurveLook {
  drawn: Drawn;
  look: Look;
  change(look: Look): void;
  /** The metric whose chart comes first. */
  primary: string | null;
  /** Places of versions whose curves are not drawn. */
  hidden: ReadonlySet<number>;
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

/** Joined lists, so that a chart gets the same list as long as nothing changed. */
const joined = new WeakMap<Line[], { training: Line[] | undefined; lines: Line[] }>();

/** Returns the curves of a chart; undefined until all of its points have arrived. */
function linesIn(drawn: Drawn, metric: string, training: string | null): Line[] | undefined {
  const lines = drawn.get(metric);
  if (!lines || training === null) return lines;
  const others = drawn.get(training);
  const known = joined.get(lines);
  if (known && known.training === others) return known.lines;
  const both = [...lines, ...(others ?? []).map((line) => ({ ...line, isTraining: true, best: null }))];
  joined.set(lines, { training: others, lines: both });
  return both;
}

/** Draws one small chart per metric, and the controls that change all of them. */
export function curveCharts(
  { metrics }: SeriesReply,
  { drawn, look, change, primary, hidden }: CurveLook,
): TemplateResult | typeof nothing {
  if (metrics.length === 0) return nothing;
  const charts = html`<div class="charts">
    ${planCharts(metrics, primary).map(
      ({ metric, training, direction }) =>
        html`<plinth-chart
          .name=${metric}
          .training=${training}
          .direction=${direction}
          .lines=${linesIn(drawn, metric, training)}
          .look=${look}
          .hiddenLines=${hidden}
        ></plinth-chart>`,
    )}
  </div>`;
  return section('curves', l10n.t('Curves'), charts, controls(look, change));
}

function controls(look: Look, change: (look: Look) => void): TemplateResult {
  const input = (event: Event): HTMLInputElement => event.target as HTMLInputElement;
  return html`<span class="acts">
    <label
      >${l10n.t('X axis')}
      <select @change=${(event: Event) => change({ ...look, x: input(event).value === 'time' ? 'time' : 'step' })}>
        <option value="step" ?selected=${look.x === 'step'}>${l10n.t('step')}</option>
        <option value="time" ?selected=${look.x === 'time'}>${l10n.t('time')}</option>
      </select></label
    >
    <label
      ><input
        type="checkbox"
        .checked=${look.log}
        @change=${(event: Event) => change({ ...look, log: input(event).checked })}
      />
      ${l10n.t('Log scale')}</label
    >
    <label
      >${l10n.t('Smoothing')}
      <input
        type="range"
        min="0"
        max="0.95"
        step="0.05"
        .value=${String(look.smoothing)}
        @input=${(event: Event) => change({ ...look, smoothing: Number(input(event).value) })}
    /></label>
  </span>`;
}
