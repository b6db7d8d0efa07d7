import type { SeriesRow } from '../../../daemon/protocol/series.ts';
import { compareMetrics, isQuality, splitOf, withoutSplit } from '../../../daemon/shared/metrics.ts';

/** One chart: a metric and, dashed beside it, the same one measured on training data. */
export interface ChartPlan {
  metric: string;
  training: string | null;
  direction: 'higher' | 'lower' | null;
}

/**
 * Returns the charts for some series in reading order: the leading metrics in theirs, then held-out ones, others, those on training
 * data, and costs and the system last. A training series is drawn in the chart of the first held-out series of its name.
 */
export function planCharts(rows: readonly SeriesRow[], leading: readonly string[]): ChartPlan[] {
  const sorted = rows.toSorted(
    (a, b) => rankOf(a.metric, leading) - rankOf(b.metric, leading) || compareMetrics(a.metric, b.metric, leading),
  );
  const taken = new Set<string>();
  const plans = sorted.map(({ metric, direction }): ChartPlan => {
    const training =
      splitOf(metric) === 'held-out'
        ? sorted.find(
            (other) =>
              splitOf(other.metric) === 'training' &&
              !taken.has(other.metric) &&
              withoutSplit(other.metric) === withoutSplit(metric),
          )
        : undefined;
    if (training) taken.add(training.metric);
    return { metric, training: training?.metric ?? null, direction };
  });
  return plans.filter(({ metric }) => !taken.has(metric));
}

/** Ranks what says nothing of the model's quality behind the rest, unless it leads. */
function rankOf(metric: string, leading: readonly string[]): number {
  if (leading.includes(metric)) return 0;
  return isQuality(metric) && !isOfSystem(metric) ? 1 : 2;
}

/** Returns true for metrics of the machine, such as `system/gpu`. */
export function isOfSystem(metric: string): boolean {
  return /^(system|sys)[/._]/i.test(metric);
}
