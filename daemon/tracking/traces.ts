import type { Context } from '../context.ts';
import { dropPair, pairOf, putPair, type Pair } from '../db/tracking/pairs.ts';
import { dropTrace, linkTrace, putTrace, traceById, tracesUntil, type TraceRow } from '../db/tracking/traces.ts';
import { dropUploads } from '../db/tracking/uploads.ts';
import { RegistryError } from '../errors.ts';
import { findTrace, putAssessment, type Assessment } from './assessments.ts';
import { activeExperiment } from './experiments.ts';
import { belowLocation } from './location.ts';
import { checkKey, checkLength, invalid, truncated } from './names.ts';
import { findRun } from './runs.ts';
import { settleUploads } from './upload-group.ts';
import { storePath } from './uploads.ts';
import { write } from './write.ts';

/** Traces of an experiment and its runs. Their spans are a file that clients upload. */

const locationTag = 'mlflow.artifactLocation';
const runKey = 'mlflow.sourceRun';
const maxKeyLength = 250;
const maxValueLength = 8000;

export const traceStates = ['STATE_UNSPECIFIED', 'OK', 'ERROR', 'IN_PROGRESS'] as const;

export interface NewTrace {
  traceId: string;
  experiment: string;
  clientRequestId: string | null;
  at: number;
  duration: number | null;
  state: string;
  requestPreview: string | null;
  responsePreview: string | null;
  metadata: readonly Pair[];
  tags: readonly Pair[];
  assessments: readonly Assessment[];
}

/** Creates or updates a trace. */
export async function noteTrace(ctx: Context, asked: NewTrace): Promise<TraceRow> {
  if (!/^[\w-]{1,250}$/.test(asked.traceId))
    throw invalid(`Invalid value ${JSON.stringify(asked.traceId)} for parameter 'trace_id' supplied.`);
  const metadata = asked.metadata.map(checkPair);
  const tags = asked.tags.map(checkPair);
  return write(ctx, () => {
    const experiment = activeExperiment(ctx, asked.experiment);
    const { metadata: _, tags: __, assessments, ...row } = asked;
    const trace = putTrace(ctx.db, { ...row, experiment: experiment.id });
    const location = belowLocation(experiment.artifactLocation, `traces/${asked.traceId}/artifacts`);
    for (const tag of [...tags, { key: locationTag, value: location }]) putPair(ctx.db, 'traceTags', trace.id, tag);
    putMetadata(ctx, trace, metadata);
    for (const one of assessments) putAssessment(ctx, trace, one);
    return trace;
  });
}

function putMetadata(ctx: Context, trace: TraceRow, metadata: readonly Pair[]): void {
  for (const pair of metadata) putPair(ctx.db, 'traceMetadata', trace.id, pair);
  const run = metadata.find(({ key }) => key === runKey)?.value ?? '';
  if (run !== '') linkTrace(ctx.db, trace.id, run);
}

function checkPair({ key, value }: Pair): Pair {
  return { key: checkLength(key, 'key', maxKeyLength), value: truncated(value, maxValueLength) };
}

/** Ends a trace in the form of older clients: time, state, and further data. */
export async function endTrace(
  ctx: Context,
  traceId: string,
  asked: { endAt: number; state: string; metadata: readonly Pair[]; tags: readonly Pair[] },
): Promise<TraceRow> {
  const metadata = asked.metadata.map(checkPair);
  const tags = asked.tags.map(checkPair);
  return write(ctx, () => {
    const { id: _, ...known } = findTrace(ctx, traceId);
    const duration = Math.max(0, asked.endAt - known.at);
    const trace = putTrace(ctx.db, { ...known, duration, state: asked.state });
    for (const tag of tags) putPair(ctx.db, 'traceTags', trace.id, tag);
    putMetadata(ctx, trace, metadata);
    return trace;
  });
}

export async function tagTrace(ctx: Context, traceId: string, tag: Pair): Promise<void> {
  const checked = checkPair({ ...tag, key: checkKey(tag.key, 'key') });
  await write(ctx, () => putPair(ctx.db, 'traceTags', findTrace(ctx, traceId).id, checked));
}

export async function untagTrace(ctx: Context, traceId: string, key: string): Promise<void> {
  await write(ctx, () => {
    if (dropPair(ctx.db, 'traceTags', findTrace(ctx, traceId).id, key)) return;
    throw new RegistryError('not-found', `No trace tag with key '${key}' for trace with ID '${traceId}'`);
  });
}

const maxLinked = 100;

export async function linkTraces(ctx: Context, traceIds: readonly string[], runId: string): Promise<void> {
  if (traceIds.length > maxLinked)
    throw invalid(
      `Cannot link more than ${maxLinked} traces to a run in a single request. Provided ${traceIds.length} traces.`,
    );
  await write(ctx, () => {
    const run = findRun(ctx, runId);
    for (const id of traceIds) linkTrace(ctx.db, findTrace(ctx, id).id, run.runId);
  });
}

const maxDeleted = 100_000;

/** Deletes these traces of an experiment, or its oldest up to a time, with their uploaded spans. Resolves to their number. */
export async function deleteTraces(
  ctx: Context,
  experiment: string,
  which: { ids: readonly string[]; until: number | undefined; most: number | undefined },
): Promise<number> {
  // Spans that are still on their way to disk get their rows first; otherwise they would appear after their trace is gone.
  await settleUploads(ctx);
  return write(ctx, () => {
    const { id } = activeExperiment(ctx, experiment);
    const old = which.until === undefined ? [] : tracesUntil(ctx.db, id, which.until, which.most ?? maxDeleted);
    const rows = [...new Set([...which.ids, ...old])].flatMap((one) => traceById(ctx.db, one) ?? []);
    const own = rows.filter((row) => row.experiment === id);
    for (const row of own) {
      const folder = storePath(pairOf(ctx.db, 'traceTags', row.id, locationTag) ?? '');
      if (folder !== undefined) dropUploads(ctx.db, folder);
      dropTrace(ctx.db, row);
    }
    return own.length;
  });
}
