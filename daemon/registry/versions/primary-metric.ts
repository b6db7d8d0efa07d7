import type { Caller, Context } from '../../context.ts';
import type { Database } from '../../db/database.ts';
import { modelView, type ModelRow } from '../../db/models.ts';
import { newestMetrics } from '../../db/versions.ts';
import type { Model, PrimaryMetric } from '../../protocol/model.ts';
import type { Changed } from '../../protocol/shapes.ts';
import { selectPrimaryMetric } from '../../shared/metrics.ts';
import { change } from './edit.ts';
import { asksApproval, policyOf } from '../../policy/policy.ts';
import { findModel } from './resolve.ts';

/** Newest versions from which the metric is derived. */
const maxVersions = 50;

interface Derived {
  seq: number;
  metric: string | null;
}

/** Derived metrics by model, until an event changes the model. */
const derivedOf = new WeakMap<Database, Map<string, Derived>>();

/** Returns the primary metric: a person's choice, else the policy's, else one that the versions share; null for none. */
export function primaryMetricOf(ctx: Context, row: ModelRow, policy = policyOf(ctx, row)): PrimaryMetric | null {
  const asked = policy.rule?.metric;
  const [pinned] = row.pinnedMetrics;
  const name = pinned ?? asked ?? derive(ctx.db, row);
  if (name === null) return null;
  const chosenBy = pinned !== undefined ? 'person' : asked !== undefined ? 'policy' : 'versions';
  return { name, direction: policy.metric(name).direction, chosenBy };
}

/** Returns a model in the form of the API. */
export function modelOf(ctx: Context, row: ModelRow): Model {
  const policy = policyOf(ctx, row);
  return {
    ...modelView(ctx.db, row),
    primaryMetric: primaryMetricOf(ctx, row, policy),
    ...(asksApproval(policy) && { asksApproval: true }),
  };
}

/** Pins a metric before the others, so that it is the primary one; null removes all pins. */
export async function choosePrimaryMetric(
  ctx: Context,
  caller: Caller,
  modelName: string,
  metric: string | null,
): Promise<Changed> {
  return pinMetrics(ctx, caller, modelName, (pinned) =>
    metric === null ? [] : [metric, ...pinned.filter((one) => one !== metric)],
  );
}

/** Pins metrics of a model in the order that `choose` makes of the present one. */
export async function pinMetrics(
  ctx: Context,
  caller: Caller,
  modelName: string,
  choose: (pinned: readonly string[]) => readonly string[],
): Promise<Changed> {
  return change(ctx, caller, () => {
    const { id, pinnedMetrics } = findModel(ctx, modelName);
    return {
      type: 'model.metrics/1',
      body: { model: id, metrics: [...new Set(choose(pinnedMetrics))], before: pinnedMetrics },
    };
  });
}

function derive(db: Database, { id, updatedSeq }: ModelRow): string | null {
  const known = derivedOf.get(db) ?? new Map<string, Derived>();
  derivedOf.set(db, known);
  const kept = known.get(id);
  if (kept?.seq === updatedSeq) return kept.metric;
  const metric = selectPrimaryMetric(newestMetrics(db, id, maxVersions).map(({ metrics }) => metrics));
  known.set(id, { seq: updatedSeq, metric });
  return metric;
}
