import type { Context } from '../../context.ts';
import { newestMetrics } from '../../db/versions.ts';
import type { MetricHistory } from '../../protocol/routes/models.ts';
import { findModel } from './resolve.ts';

const usualVersions = 100;

/** Returns how the metrics of a model changed over its newest versions. Throws `not-found` for an unknown model. */
export function metricHistory(ctx: Context, model: string, limit = usualVersions): MetricHistory {
  const versions = newestMetrics(ctx.db, findModel(ctx, model).id, limit).toReversed();
  const metrics = Object.create(null) as MetricHistory['metrics'];
  for (const [place, version] of versions.entries())
    for (const [name, value] of Object.entries(version.metrics))
      if (typeof value === 'number') (metrics[name] ??= versions.map(() => null))[place] = value;
  return { versions: versions.map(({ number }) => number), metrics };
}
