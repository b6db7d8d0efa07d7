import type { Caller, Context } from '../../context.ts';
import type { Database } from '../../db/database.ts';
import { modelView, type ModelRow } from '../../db/models.ts';
import { newestMetrics } from '../../db/versions.ts';
import type { Model, PrimaryMetric } from '../../protocol/model.ts';
import type { Changed } from '../../protocol/shapes.ts';
import { selectPrimaryMetric } from '../../shared/metrics.ts';
import { change, checkText } from './edit.ts';
import { policyOf } from '../../policy/policy.ts';
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
export function primaryMetricOf(ctx: Context, row: ModelRow): PrimaryMetric | null {
  const policy = policyOf(ctx, row);
  const asked = policy.rule?.metric;
  const name = row.chosenMetric ?? asked ?? derive(ctx.db, row);
  if (name === null) return null;
  const chosenBy = row.chosenMetric !== null ? 'person' : asked !== undefined ? 'policy' : 'versions';
  return { name, direction: policy.metric(name).direction, chosenBy };
}

/** Returns a model in the form of the API. */
export function modelOf(ctx: Context, row: ModelRow): Model {
  return { ...modelView(ctx.db, row), primaryMetric: primaryMetricOf(ctx, row) };
}

/** Sets the primary metric of a model; null leaves it to the policy or the versions. */
export async function choosePrimaryMetric(
  ctx: Context,
  caller: Caller,
  modelName: string,
  metric: string | null,
): Promise<Changed> {
  const chosen = metric === null ? null : checkText(metric, 'A metric');
  return change(ctx, caller, () => {
    const model = findModel(ctx, modelName);
    return { type: 'model.metric/1', body: { model: model.id, metric: chosen, before: model.chosenMetric } };
  });
}

function derive(db: Database, { id, updatedSeq }: ModelRow): string | null {
  const known = derivedOf.get(db) ?? new Map<string, Derived>();
  derivedOf.set(db, known);
  const kept = known.get(id);
  if (kept?.seq === updatedSeq) return kept.metric;
  const metric = selectPrimaryMetric(newestMetrics(db, id, maxVersions));
  known.set(id, { seq: updatedSeq, metric });
  return metric;
}
