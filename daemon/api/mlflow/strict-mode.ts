import type { Caller } from '../../context.ts';
import { pointersOf, type ModelRow } from '../../db/models.ts';
import { removeAlias } from '../../registry/pointers/promote.ts';
import { vacate } from '../../registry/pointers/version-stage.ts';
import type { Service } from '../service.ts';

/**
 * In strict mode, clears the pointers to a version, or to all versions of a model, before it is deleted, as MLflow does.
 * Otherwise does nothing, and the registry refuses to delete such a version.
 */
export async function removeHolds(service: Service, caller: Caller, model: ModelRow, number?: number): Promise<void> {
  if (!service.mlflow.strict) return;
  const { ctx } = service;
  const held = pointersOf(ctx.db, model.id).filter(
    ({ holder }) => holder !== null && (number === undefined || holder === number),
  );
  for (const { kind, name } of held.filter((one) => one.kind === 'alias'))
    await removeAlias(ctx, caller, model.name, { kind, name, reason: '' });
  for (const { holder } of held.filter((one) => one.kind === 'stage'))
    await vacate(ctx, caller, model.name, String(holder), { stage: 'archived', reason: '' });
}
