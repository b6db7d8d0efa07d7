import type { Caller, Context } from '../context.ts';
import { policyRow } from '../db/policy/policies.ts';
import { RegistryError } from '../errors.ts';
import { soundFile } from '../policy/trust.ts';
import type { Changed } from '../protocol/shapes.ts';
import { findModel } from './versions/resolve.ts';

/** Binds a model to the plinth.yaml that applies to it from now on. Throws `not-found` or `invalid-request`. */
export async function bindPolicy(ctx: Context, caller: Caller, modelName: string, path: string): Promise<Changed> {
  const { path: file, digest } = soundFile(path);
  return ctx.commit(caller, () => {
    const model = findModel(ctx, modelName);
    if (policyRow(ctx.db, model.id)?.path === file)
      throw new RegistryError('conflict', `${model.name} already follows ${file}.`);
    return {
      events: [{ type: 'model.policy/1', body: { model: model.id, path: file, digest } }],
      result: ([made]) => ({ seq: made!.seq, hash: made!.hash }),
    };
  });
}
