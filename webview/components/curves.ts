import { html, nothing, type TemplateResult } from 'lit';
import type { Points, SeriesReply } from '../../daemon/protocol/series.ts';
import './chart.ts';
import type { Line, Look } from './chart.ts';
import * as l10n from '@vscode/l10n';
import { section } from './section.ts';

/** The curves received so far, by metric. A list is replaced only when its points change, and only then its chart is redrawn. */
export type Drawn = ReadonlyMap<string, Line[]>;

const none: Line[] = [];

/** Returns the curves of one metric, for the columns that have it. */
export function linesOf({ versions, metrics }: SeriesReply, name: string, columns: readonly Points[]): Line[] {
  const of = metrics.find(({ metric }) => metric === name)?.of;
  return versions.flatMap((label, column) => {
    const points = columns[column];
    return points && points.values.length > 0 ? [{ label, points, best: of?.[column]?.best ?? null }] : [];
  });
}

/** Draws one small chart per metric, and the controls that change all of them. */
export function curveCharts(
  { metrics }: SeriesReply,
  drawn: Drawn,
  look: Look,
  change: (look: Look) => void,
): TemplateResult | typeof nothing {
  if (metrics.length === 0) return nothing;
  const controls = html`<span class="acts">
    <label
      >${l10n.t('X axis')}
      <select
        @change=${(event: Event) => change({ ...look, x: (event.target as HTMLSelectElement).value === 'time' ? 'time' : 'step' })}
      >
        <option value="step" ?selected=${look.x === 'step'}>${l10n.t('step')}</option>
        <option value="time" ?selected=${look.x === 'time'}>${l10n.t('time')}</option>
      </select></label
    >
    <label
      ><input
        type="checkbox"
        .checked=${look.log}
        @change=${(event: Event) => change({ ...look, log: (event.target as HTMLInputElement).checked })}
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
        @input=${(event: Event) => change({ ...look, smoothing: Number((event.target as HTMLInputElement).value) })}
    /></label>
  </span>`;
  const charts = html`<div class="charts">
    ${metrics.map(({ metric }) => html`<plinth-chart .name=${metric} .lines=${drawn.get(metric) ?? none} .look=${look}></plinth-chart>`)}
  </div>`;
  return section('curves', l10n.t('Curves'), charts, controls);
}
