import type { Context } from '../../context.ts';
import { modelById, modelByName, type ModelRow } from '../../db/models.ts';
import { versionOf, type VersionRow } from '../../db/versions.ts';
import { findReference, mergedName } from '../../registry/versions/resolve.ts';
import { MlflowError, invalid } from './error-handler.ts';

/** Returns the model of a name. Throws MLflow's `RESOURCE_DOES_NOT_EXIST`. */
export function modelNamed(ctx: Context, name: string): ModelRow {
  const found = modelByName(ctx.db, name.normalize('NFC'));
  if (found) return found;
  throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Registered Model with name=${name} not found`);
}

/** Returns a live version by its number as text. Throws MLflow's error for an invalid, unknown, deleted or moved one. */
export function versionNamed(ctx: Context, name: string, version: string): { model: ModelRow; row: VersionRow } {
  if (!/^[+-]?\d{1,15}$/.test(version)) throw invalid(`Parameter 'version' must be an integer, got '${version}'.`);
  const model = modelByName(ctx.db, name.normalize('NFC'));
  const row = model && versionOf(ctx.db, model.id, Number(version));
  if (row && row.state !== 'deleted' && row.state !== 'moved') return { model, row };
  throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Model Version (name=${name}, version=${version}) not found`);
}

/** Like `versionNamed`, for reading: a number of a merged model returns the present version. */
export function versionToRead(ctx: Context, name: string, version: string): { model: ModelRow; row: VersionRow } {
  if (mergedName(ctx, name) === undefined || !/^\d{1,15}$/.test(version)) return versionNamed(ctx, name, version);
  const row = findReference(ctx, name, version);
  const model = modelById(ctx.db, row.model);
  return versionNamed(ctx, model?.name ?? name, String(row.number));
}
