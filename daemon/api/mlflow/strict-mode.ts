import type { Caller } from '../../context.ts';
import { pointersOf, type ModelRow } from '../../db/models.ts';
import { removeAlias } from '../../registry/pointers/promote.ts';
import { vacate } from '../../registry/pointers/version-stage.ts';
import type { Service } from '../service.ts';

/**
 * Only where the service has to behave as MLflow's does in everything: what holds a version (or any version of the
 * model) is taken away before it is deleted. Otherwise nothing happens, and the registry refuses to delete what is held.
 */
export async function letGo(service: Service, caller: Caller, model: ModelRow, number?: number): Promise<void> {
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
