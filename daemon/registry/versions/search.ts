import type { Context } from '../../context.ts';
import { modelsBefore, type ModelRow } from '../../db/models.ts';
import { versionsBefore, versionViews } from '../../db/versions.ts';
import type { Version } from '../../protocol/model.ts';
import { breather } from '../../runtime/yield-to-event-loop.ts';
import { directionOf } from '../../shared/metrics.ts';
import { isLike, itemFilter } from '../../shared/search/filter.ts';
import { searchableVersion } from '../../shared/search/searchable.ts';
import { itemSorter, namesInOrder } from '../../shared/search/sort.ts';
import { primaryMetricOf } from './primary-metric.ts';
import { findModel } from './resolve.ts';

interface VersionSearch {
  models?: string | undefined;
  where?: string | undefined;
  sort?: string | undefined;
  all?: boolean | undefined;
}

const rowsAtOnce = 200;

/**
 * Returns the versions that a filter selects, in the given order; without one, the models most recently changed first, each with
 * its newest version first. Throws `SearchError`, or `not-found` for a model that is named without a pattern.
 */
export async function searchVersions(
  ctx: Context,
  { models: named, where = '', sort, all = false }: VersionSearch,
): Promise<{ items: Version[]; unknown: string[] }> {
  const filter = itemFilter(where, sort === undefined ? [] : namesInOrder(sort));
  const models = modelsNamed(ctx, named);
  const sorted = sort === undefined ? undefined : itemSorter(sort, directions(ctx, models));
  const pause = breather();
  const now = Date.now();
  const items: Version[] = [];
  for (const model of models)
    for (let before = Number.MAX_SAFE_INTEGER; before > 0;) {
      const rows = versionsBefore(ctx.db, model.id, before, rowsAtOnce, all);
      items.push(...versionViews(ctx.db, rows).filter((version) => filter.matches(searchableVersion(version, now))));
      before = rows.length < rowsAtOnce ? 0 : (rows.at(-1)?.number ?? 0);
      await pause();
    }
  const found = sorted ? sorted(items, (version) => searchableVersion(version, now)) : items;
  return { items: found, unknown: filter.unknownNames() };
}

function modelsNamed(ctx: Context, named: string | undefined): ModelRow[] {
  if (named !== undefined && !named.includes('*')) return [findModel(ctx, named)];
  const models = modelsBefore(ctx.db, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  return named === undefined ? models : models.filter(({ name }) => isLike(name, named));
}

/** Returns the direction of a metric: as a single model's policy says if it is its primary metric, else as the name implies. */
function directions(ctx: Context, models: readonly ModelRow[]): typeof directionOf {
  const primary = models.length === 1 ? primaryMetricOf(ctx, models[0]!) : null;
  return (metric) => (primary?.name === metric ? primary.direction : directionOf(metric));
}
