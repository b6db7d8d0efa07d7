import type { SeriesRow } from '../../daemon/protocol/series.ts';
import { compareMetricNames, isQuality, splitOf, withoutSplit } from '../../daemon/shared/metrics.ts';

/** One chart: a metric and, dashed beside it, the same one measured on training data. */
export interface ChartPlan {
  metric: string;
  training: string | null;
  direction: 'higher' | 'lower' | null;
}

/**
 * Returns the charts for some series in reading order: the primary metric, then held-out ones, others, those on training data, and
 * costs and the system last. A training series is drawn in the chart of the first held-out series of its name.
 */
export function planCharts(rows: readonly SeriesRow[], primary: string | null): ChartPlan[] {
  const sorted = rows.toSorted(
    (a, b) =>
      Number(b.metric === primary) - Number(a.metric === primary) ||
      Number(!isQuality(a.metric) || isOfSystem(a.metric)) - Number(!isQuality(b.metric) || isOfSystem(b.metric)) ||
      compareMetricNames(a.metric, b.metric),
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

function isOfSystem(metric: string): boolean {
  return /^(system|sys)[/._]/i.test(metric);
}
