import type { Context } from '../context.ts';
import { dropPair, pairOf, putPair } from '../db/tracking/pairs.ts';
import { traceById, type TraceRow } from '../db/tracking/traces.ts';
import { RegistryError } from '../errors.ts';
import type { Json } from '../protocol/json.ts';
import { invalid, newId } from './names.ts';
import { write } from './write.ts';

/** Stores feedback and expectations about traces, by people and judges, as sent. */

export type Assessment = Record<string, Json>;

/** Returns a trace by its id. Throws `not-found`. */
export function findTrace(ctx: Context, traceId: string): TraceRow {
  const found = traceById(ctx.db, traceId);
  if (found) return found;
  throw new RegistryError('not-found', `Trace with ID '${traceId}' not found.`);
}

function keep(ctx: Context, trace: TraceRow, id: string, value: Assessment): void {
  putPair(ctx.db, 'traceAssessments', trace.id, { key: id, value: JSON.stringify(value) });
}

/** Stores an assessment inside the caller's transaction. One that it overrides becomes invalid. */
export function putAssessment(ctx: Context, trace: TraceRow, given: Assessment): Assessment {
  const now = new Date(ctx.now()).toISOString();
  const id = typeof given['assessment_id'] === 'string' ? given['assessment_id'] : `a-${newId()}`;
  const known: Assessment = {
    create_time: now,
    last_update_time: now,
    valid: true,
    ...given,
    assessment_id: id,
    trace_id: trace.traceId,
  };
  setOverridden(ctx, trace, known, false);
  keep(ctx, trace, id, known);
  return known;
}

function setOverridden(ctx: Context, trace: TraceRow, { overrides }: Assessment, valid: boolean): void {
  if (typeof overrides !== 'string' || overrides === '') return;
  const found = pairOf(ctx.db, 'traceAssessments', trace.id, overrides);
  if (found !== undefined) return keep(ctx, trace, overrides, { ...(JSON.parse(found) as Assessment), valid });
  if (valid) return;
  throw new RegistryError('not-found', `Assessment with ID '${overrides}' not found for trace '${trace.traceId}'`);
}

/** Adds an assessment of a trace. */
export async function addAssessment(ctx: Context, traceId: string, given: Assessment): Promise<Assessment> {
  const { assessment_id: _, ...rest } = given;
  return write(ctx, () => putAssessment(ctx, findTrace(ctx, traceId), rest));
}

export function findAssessment(ctx: Context, traceId: string, id: string): Assessment {
  const found = pairOf(ctx.db, 'traceAssessments', findTrace(ctx, traceId).id, id);
  if (found !== undefined) return JSON.parse(found) as Assessment;
  throw new RegistryError('not-found', `Assessment with ID '${id}' not found for trace '${traceId}'`);
}

/** Changes parts of an assessment. Metadata are merged, and feedback cannot become an expectation. */
export async function changeAssessment(
  ctx: Context,
  traceId: string,
  id: string,
  change: Assessment,
): Promise<Assessment> {
  return write(ctx, () => {
    const known = findAssessment(ctx, traceId, id);
    const kind = known['expectation'] === undefined ? 'feedback' : 'expectation';
    const other = kind === 'feedback' ? 'expectation' : 'feedback';
    if (change[other] !== undefined)
      throw invalid(
        `Cannot update ${other} value on a ${kind === 'feedback' ? 'Feedback' : 'Expectation'} assessment.`,
      );
    const next: Assessment = {
      ...known,
      ...change,
      metadata: { ...recordIn(known['metadata']), ...recordIn(change['metadata']) },
      last_update_time: new Date(ctx.now()).toISOString(),
    };
    keep(ctx, findTrace(ctx, traceId), id, next);
    return next;
  });
}

function recordIn(value: Json | undefined): Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

/** Deletes an assessment; repeating that has no effect. The one that it had overridden becomes valid again. */
export async function dropAssessment(ctx: Context, traceId: string, id: string): Promise<void> {
  await write(ctx, () => {
    const trace = findTrace(ctx, traceId);
    const found = pairOf(ctx.db, 'traceAssessments', trace.id, id);
    if (found === undefined) return;
    setOverridden(ctx, trace, JSON.parse(found) as Assessment, true);
    dropPair(ctx.db, 'traceAssessments', trace.id, id);
  });
}
