import type { Context } from '../context.ts';
import { insertRun, runById, updateRun, type RunRow } from '../db/tracking/runs.ts';
import { dropPair, pairOf, putPair, type Pair } from '../db/tracking/pairs.ts';
import { putPoints, type Point } from '../db/tracking/metrics.ts';
import { loggedModelById, putModelMetric } from '../db/tracking/logged-models.ts';
import { RegistryError } from '../errors.ts';
import { activeExperiment } from './experiments.ts';
import { checkKey, checkLength, clamped, inventedName, invalid, kept, newId } from './names.ts';
import { announceRun } from './live.ts';
import type { MlflowRunStatus } from '../shared/runs/run-status.ts';
import { belowLocation } from './location.ts';
import { write } from './write.ts';

/** Tag with a run's name. */
const nameTag = 'mlflow.runName';
const maxParamLength = 6000;
const maxTagLength = 8000;
const maxNameLength = 500;

/** Returns a run by its id, deleted or not. Throws `not-found`. */
export function findRun(ctx: Context, runId: string): RunRow {
  const found = runById(ctx.db, runId);
  if (!found) throw new RegistryError('not-found', `Run with id=${runId} not found`);
  return found;
}

/** Like `findRun`, but throws for a deleted one, which cannot be changed. */
export function activeRun(ctx: Context, runId: string): RunRow {
  const found = findRun(ctx, runId);
  if (found.stage === 'active') return found;
  throw invalid(`The run ${runId} must be in the 'active' state. Current state is deleted.`);
}

/** Starts a run. A run without a name gets one; the tag `mlflow.runName` always equals the name. */
export async function createRun(
  ctx: Context,
  asked: { experiment: string; user: string; name: string; startAt: number; tags: readonly Pair[] },
): Promise<RunRow> {
  const tags = asked.tags.map(checkTag);
  const tagged = tags.findLast((tag) => tag.key === nameTag)?.value ?? '';
  if (asked.name !== '' && tagged !== '' && asked.name !== tagged) {
    throw invalid(
      `Both 'run_name' argument and '${nameTag}' tag are specified, but with different values (run_name='${asked.name}', ${nameTag}='${tagged}').`,
    );
  }
  const name = checkLength(asked.name || tagged || inventedName(), 'run_name', maxNameLength);
  const run = await write(ctx, () => {
    const experiment = activeExperiment(ctx, asked.experiment);
    const runId = newId();
    const made = insertRun(ctx.db, {
      runId,
      experiment: experiment.id,
      name,
      user: asked.user,
      status: 'RUNNING',
      artifactUri: belowLocation(experiment.artifactLocation, `${runId}/artifacts`),
      startAt: asked.startAt,
      endAt: null,
      stage: 'active',
      updatedAt: ctx.now(),
    });
    for (const tag of [...tags, { key: nameTag, value: name }]) putPair(ctx.db, 'runTags', made.id, tag);
    return made;
  });
  announceRun(ctx, run);
  return run;
}

export async function updateRunInfo(
  ctx: Context,
  runId: string,
  change: { status: MlflowRunStatus | undefined; endAt: number | undefined; name: string },
): Promise<RunRow> {
  const name = checkLength(change.name, 'run_name', maxNameLength);
  const run = await write(ctx, () => {
    const known = activeRun(ctx, runId);
    const next: RunRow = {
      ...known,
      status: change.status ?? known.status,
      endAt: change.endAt ?? known.endAt,
      name: name || known.name,
    };
    updateRun(ctx.db, next, ctx.now());
    if (next.name !== known.name) putPair(ctx.db, 'runTags', known.id, { key: nameTag, value: next.name });
    return next;
  });
  announceRun(ctx, run);
  return run;
}

/** Deletes or restores a run; repeating that has no effect. */
export async function moveRun(ctx: Context, runId: string, stage: RunRow['stage']): Promise<void> {
  const run = await write(ctx, () => {
    const next: RunRow = { ...findRun(ctx, runId), stage };
    updateRun(ctx.db, next, ctx.now());
    return next;
  });
  announceRun(ctx, run);
}

/** A point of a metric. With a model it is also recorded for that logged model. */
export interface LoggedPoint extends Point {
  modelId?: string | undefined;
  datasetName?: string | undefined;
  datasetDigest?: string | undefined;
}

export interface Batch {
  metrics: readonly LoggedPoint[];
  params: readonly Pair[];
  tags: readonly Pair[];
}

/** Records all values in one transaction, or none. Throws `invalid-request` if a param would change. */
export async function logBatch(ctx: Context, runId: string, batch: Batch): Promise<void> {
  const metrics = batch.metrics.map(pointCheck());
  const params = batch.params.map(checkParam);
  const tags = batch.tags.map(checkTag);
  assertDistinct(params);
  const run = await write(ctx, () => {
    const known = activeRun(ctx, runId);
    for (const param of params) putParam(ctx, known, param);
    putPoints(ctx.db, known.id, metrics);
    for (const point of metrics) noteOnModel(ctx, known, point);
    return tags.reduce((now, tag) => putRunTag(ctx, now, tag), known);
  });
  announceRun(ctx, run);
}

/** Returns a check of points, which checks each key once: a batch has thousands of points and few keys. */
function pointCheck(): (point: LoggedPoint) => LoggedPoint {
  const known = new Set<string>();
  return (point) => {
    if (point.at < 0) throw invalid(`Invalid value ${point.at} for parameter 'timestamp' supplied`);
    if (!known.has(point.key)) known.add(checkKey(point.key, 'name'));
    const value = clamped(point.value);
    return value === point.value ? point : { ...point, value };
  };
}

function checkParam(param: Pair): Pair {
  return kept(param, maxParamLength);
}

function checkTag(tag: Pair): Pair {
  return kept(tag, maxTagLength);
}

function assertDistinct(params: readonly Pair[]): void {
  const keys = params.map(({ key }) => key);
  const twice = [...new Set(keys.filter((key, index) => keys.indexOf(key) !== index))];
  if (twice.length > 0) throw invalid(`Duplicate parameter keys have been submitted: ${twice.join(', ')}`);
}

function putParam(ctx: Context, run: RunRow, param: Pair): void {
  const known = pairOf(ctx.db, 'runParams', run.id, param.key);
  if (known === param.value) return;
  if (known === undefined) return putPair(ctx.db, 'runParams', run.id, param);
  throw invalid(
    `Changing param values is not allowed. Param with key='${param.key}' was already logged with value='${known}' for run ID='${run.runId}'. Attempted logging new value '${param.value}'.`,
  );
}

function noteOnModel(ctx: Context, run: RunRow, point: LoggedPoint): void {
  const model = point.modelId === undefined ? undefined : loggedModelById(ctx.db, point.modelId);
  if (!model) return;
  const { key, value, at, step, datasetName = '', datasetDigest = '' } = point;
  putModelMetric(ctx.db, model.id, { key, value, at, step, run: run.runId, datasetName, datasetDigest });
}

function putRunTag(ctx: Context, run: RunRow, tag: Pair): RunRow {
  putPair(ctx.db, 'runTags', run.id, tag);
  if (tag.key !== nameTag) return run;
  const renamed = { ...run, name: tag.value };
  updateRun(ctx.db, renamed, ctx.now());
  return renamed;
}

export async function dropRunTag(ctx: Context, runId: string, key: string): Promise<void> {
  await write(ctx, () => {
    const run = activeRun(ctx, runId);
    if (!dropPair(ctx.db, 'runTags', run.id, key))
      throw new RegistryError('not-found', `No tag with name: ${key} in run with id ${runId}`);
  });
}

/** Tag in which older clients record the models that a run logged: a JSON list. */
const modelsTag = 'mlflow.log-model.history';

/** Records a logged model in the form of clients before MLflow 3. Throws `invalid-request` for what is no MLmodel in JSON. */
export async function noteModel(ctx: Context, runId: string, model: string): Promise<void> {
  const entry = parsedObject(model);
  await write(ctx, () => {
    const run = activeRun(ctx, runId);
    const known = JSON.parse(pairOf(ctx.db, 'runTags', run.id, modelsTag) ?? '[]') as unknown[];
    putPair(ctx.db, 'runTags', run.id, { key: modelsTag, value: JSON.stringify([...known, entry]) });
  });
}

function parsedObject(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Reported below, like any other text that is no object.
  }
  throw invalid(`Malformed model info. \n ${text.slice(0, 200)} \n is not a valid JSON object`);
}
