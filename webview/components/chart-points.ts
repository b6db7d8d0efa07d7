import uPlot from 'uplot';
import type { Points, SeriesPoint } from '../../daemon/protocol/series.ts';
import { numberText } from '../../daemon/shared/format.ts';
import * as l10n from '@vscode/l10n';

/** One curve. */
export interface Line {
  label: string;
  points: Points;
  /** The best point, marked with a ring; null when no direction is known. */
  best: SeriesPoint | null;
  /** Its version's place in the compared set, which gives it its colour. */
  place: number;
  /** True for the curve on training data beside one on held-out data. */
  isTraining?: boolean;
}

export interface Look {
  x: 'step' | 'time';
  log: boolean;
  /** Weight of the past in the smoothed curve; 0 for no smoothing. */
  smoothing: number;
}

/** Returns the x values. A series without steps, or without times, uses the index of each point. */
export function xsOf({ steps, times }: Points, x: Look['x']): Float64Array {
  const own = x === 'time' ? times.map((at) => at / 1000) : steps;
  return own.some(Number.isNaN) ? own.map((_, index) => index) : own;
}

/** Returns the best value and whose it is; the lowest and highest value when there is only one curve without a direction. */
export function bestText(lines: readonly Line[], direction: 'higher' | 'lower' | null): string {
  const best = bestLine(lines, direction);
  if (best?.best) return l10n.t('best {0} ({1})', numberText(best.best.value), best.label);
  const values: number[] = lines.length === 1 ? [...(lines[0]?.points.values ?? [])].filter(Number.isFinite) : [];
  if (values.length === 0) return '';
  const least = values.reduce((low, value) => Math.min(low, value), Infinity);
  const most = values.reduce((high, value) => Math.max(high, value), -Infinity);
  return l10n.t('{0} … {1}', numberText(least), numberText(most));
}

function bestLine(lines: readonly Line[], direction: 'higher' | 'lower' | null): Line | undefined {
  const sign = direction === 'lower' ? -1 : 1;
  const of = ({ best }: Line): number => (best === null || direction === null ? -Infinity : best.value * sign);
  return lines
    .filter(({ isTraining }) => !isTraining)
    .reduce<Line | undefined>((found, line) => (found && of(found) >= of(line) ? found : line), undefined);
}

/** Puts all curves on one axis. uPlot needs one sorted x for all, and null where a curve has no point. */
export function alignLines(lines: readonly Line[], look: Look): uPlot.AlignedData {
  return uPlot.join(lines.map(({ points }) => tableOf(points, look)));
}

function tableOf(points: Points, { x, smoothing, log }: Look): uPlot.AlignedData {
  const byX = new Map<number, number | null>();
  let smooth: number | undefined;
  for (const [index, at] of xsOf(points, x).entries()) {
    const value = points.values[index] ?? Number.NaN;
    smooth = smooth === undefined || !Number.isFinite(value) ? value : smooth * smoothing + value * (1 - smoothing);
    const shown = smoothing > 0 ? smooth : value;
    byX.set(at, Number.isFinite(shown) && (!log || shown > 0) ? shown : null);
  }
  const sorted = [...byX].toSorted(([a], [b]) => a - b);
  return [sorted.map(([at]) => at), sorted.map(([, value]) => value)];
}

/** Returns the rows of a table of all points, one for each step. */
export function rowsOf(lines: readonly Line[]): string[][] {
  const steps = [...new Set(lines.flatMap(({ points }) => [...xsOf(points, 'step')]))].toSorted((a, b) => a - b);
  const values = lines.map(
    ({ points }) => new Map([...xsOf(points, 'step')].map((step, index) => [step, points.values[index]])),
  );
  return steps.map((step) => [
    numberText(step),
    ...values.map((of) => (of.has(step) ? numberText(of.get(step) ?? Number.NaN) : '')),
  ]);
}
