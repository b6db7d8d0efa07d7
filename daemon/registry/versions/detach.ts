import type { Caller, Context } from '../../context.ts';
import { evidenceOf, hasDetached } from '../../db/evidence.ts';
import type { LoggedEvent } from '../../db/log.ts';
import { RegistryError } from '../../errors.ts';
import type { NewEvent } from '../../protocol/events.ts';
import type { Changed } from '../../protocol/shapes.ts';
import { change } from './edit.ts';
import { findModel, findVersion, labelOf, requireUsable } from './resolve.ts';

const maxNamed = 10;

/** Withdraws the evidence of a source from a version, so that it no longer counts. Throws `not-found` if there is none. */
export function detachEvidence(
  ctx: Context,
  caller: Caller,
  name: string,
  version: string,
  { source, reason }: { source: string; reason: string },
): Promise<Changed> {
  return change(ctx, caller, () => {
    const row = requireUsable(ctx, findVersion(ctx, findModel(ctx, name), version));
    const sources = [...new Set(evidenceOf(ctx.db, row.model, row.number).map((one) => one.source))];
    if (!sources.includes(source)) {
      const known = sources.length === 0 ? 'it has none' : `it has ${sources.slice(0, maxNamed).join(', ')}`;
      throw new RegistryError('not-found', `${labelOf(ctx, row)} has no evidence from ${source}; ${known}`);
    }
    const { model, number } = row;
    return { type: 'version.evidence-detached/1', body: { model, number, source, reason } };
  });
}

/** Returns the event that restores withdrawn evidence; undefined if something else was done with it since. */
export function restoredEvidence(
  ctx: Context,
  { seq, body }: Extract<LoggedEvent, { type: 'version.evidence-detached/1' }>,
): NewEvent | undefined {
  const { model, number, source } = body;
  if (!hasDetached(ctx.db, model, number, seq)) return undefined;
  return { type: 'version.evidence-restored/1', body: { model, number, source, undoes: seq } };
}
