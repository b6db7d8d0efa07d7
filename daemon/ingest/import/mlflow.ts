import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Caller } from '../../context.ts';
import { putRun } from '../../db/artifacts.ts';
import {
  readMlflowDatabase,
  type ForeignModel,
  type ForeignRun,
  type ForeignStore,
  type ForeignVersion,
} from '../../db/mlflow-store.ts';
import { RegistryError } from '../../errors.ts';
import { metricJson } from '../../protocol/json.ts';
import type { NewEvidence } from '../../registry/versions/register.ts';
import { redactedValues } from '../../secrets/redact.ts';
import { filesAtPath, kindOf, settledAtPath } from '../inspect/explicit-path.ts';
import { record } from '../run-logs/types.ts';
import { registerArtifact, type Pipeline } from '../register/pipeline.ts';
import type { Database } from '../../db/database.ts';
import type { Inspector } from '../inspect/inspector.ts';
import { locate } from './locate.ts';
import { readMlflowFolder } from './mlruns-store.ts';

export interface ImportParts extends Pipeline {
  readonly inspector: Pick<Inspector, 'inspect' | 'firstBytes' | 'readRunLogs'>;
}

/** The outcome for one version, which the registry needs for the next one. */
export interface ImportedVersion {
  version: ForeignVersion;
  /** Its number in this registry. */
  number: number;
  created: boolean;
}

export interface ImportedModel {
  model: ForeignModel;
  versions: ImportedVersion[];
}

export interface ImportedStore {
  models: ImportedModel[];
  runs: number;
  left: string[];
}

/**
 * Imports the models of MLflow's `mlflow.db` or `mlruns`: files, metrics, params and times, under their own numbers if these are
 * free. Files outside the store's folder are skipped unless `anywhere`. Repeated imports add only new versions. Throws
 * `invalid-request` for a path that is no store.
 */
export async function importMlflow(
  pipeline: ImportParts,
  caller: Caller,
  path: string,
  anywhere: boolean,
): Promise<ImportedStore> {
  const { store, base } = storeAt(path);
  for (const [id, run] of store.runs)
    store.runs.set(id, { ...run, params: redactedValues(run.params), tags: redactedValues(run.tags) });
  const left: string[] = [];
  const models: ImportedModel[] = [];
  for (const model of store.models) {
    const versions: ImportedVersion[] = [];
    for (const version of model.versions) {
      const label = `${model.name} ${version.number}`;
      const files = locate(version.locations, base, anywhere);
      if (files === undefined) {
        const where = version.locations[0] ?? 'no place at all';
        left.push(
          `${label}: its files do not exist or are outside of ${base} (${where}); to allow that, add --anywhere.`,
        );
        continue;
      }
      const made = await importVersion(pipeline, caller, model, version, store, files).catch((error: unknown) => {
        if (!(error instanceof RegistryError) || error.code === 'disk-full') throw error;
        left.push(`${label}: ${error.message}`);
        return undefined;
      });
      if (made) versions.push(made);
    }
    models.push({ model, versions });
  }
  for (const run of store.runs.values()) noteRun(pipeline.ctx.db, path, run);
  return { models, runs: store.runs.size, left };
}

function storeAt(path: string): { store: ForeignStore; base: string } {
  if (!existsSync(path)) throw new RegistryError('not-found', `${path} does not exist. Check the path.`);
  const stats = statSync(path);
  if (!stats.isFile() && !stats.isDirectory())
    throw new RegistryError(
      'invalid-request',
      `${path} is not a regular file or folder. Give an mlflow.db or an mlruns folder.`,
    );
  if (stats.isFile()) return { store: readMlflowDatabase(path), base: dirname(path) };
  const inner = ['mlflow.db', 'mlruns'].map((name) => join(path, name)).find((one) => existsSync(one));
  if (basename(path) !== 'mlruns' && inner !== undefined) return storeAt(inner);
  const store = readMlflowFolder(path);
  if (store.models.length > 0 || store.runs.size > 0) return { store, base: path };
  throw new RegistryError(
    'invalid-request',
    `${path} contains no models or runs of MLflow. Give an mlflow.db or an mlruns folder.`,
  );
}

async function importVersion(
  pipeline: ImportParts,
  caller: Caller,
  model: ForeignModel,
  version: ForeignVersion,
  store: ForeignStore,
  path: string,
): Promise<ImportedVersion> {
  const root = kindOf(path) === 'folder' ? path : dirname(path);
  const run = version.runId === null ? undefined : store.runs.get(version.runId);
  const made = await registerArtifact(pipeline, {
    caller,
    artifact: await settledAtPath(pipeline, filesAtPath(pipeline.disk, root, path)),
    model: model.name,
    named: { by: 'tracker', from: path },
    kind: 'import',
    evidence: run ? [evidenceOfRun(run)] : [],
    imported: { origin: `mlflow:${model.name}/${version.number}`, createdAt: version.createdAt },
    number: version.number,
  });
  return { version, number: made.version.number, created: made.created };
}

/** Converts what a run logged to evidence: the last value of each metric, and the whole series. */
function evidenceOfRun(run: ForeignRun): NewEvidence {
  const { name, tags } = run;
  const series = Object.fromEntries(
    Object.entries(run.series).map(([metric, points]) => [
      metric,
      points.map(([step, time, value]) => [step, time, metricJson(value)]),
    ]),
  );
  return {
    source: `mlflow run ${name}`,
    metrics: lastValues(run),
    params: run.params,
    more: { series, best: {}, run: run.id, tags },
    origin: { rule: 'given', reason: 'the store that it was imported from names its run' },
  };
}

function lastValues({ series }: ForeignRun): Record<string, number | string> {
  const metrics = record<number | string>();
  for (const [name, points] of Object.entries(series)) {
    const last = points.at(-1);
    if (last) metrics[name] = metricJson(last[2]);
  }
  return metrics;
}

function noteRun(db: Database, store: string, run: ForeignRun): void {
  const { id, status, startedAt, endedAt, params } = run;
  const ended = endedAt ?? startedAt;
  putRun(db, {
    id: `${store}#${id}`,
    folder: `${store}#${id}`,
    execution: null,
    resumptions: [],
    progress: [],
    over: null,
    root: store,
    status: status === 'running' ? 'killed' : status,
    startedAt,
    updatedAt: ended,
    endedAt: ended,
    params,
    metrics: lastValues(run),
  });
}
