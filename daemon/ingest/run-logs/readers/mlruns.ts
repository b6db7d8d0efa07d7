import { isObject } from '../../../protocol/json.ts';
import { parse } from 'yaml';
import type { Source } from '../../../formats/source.ts';
import { runStatusOf } from '../../../shared/runs/run-status.ts';
import type { LoggedValues } from '../types.ts';
import { addMetric, addParams, addPoint, addProblem, asNumber, collector, type Collector } from './collector.ts';
import { completeLines } from './line-reader.ts';

/** A folder with paths relative to it, with `/`. Both functions return nothing for what does not exist. */
export interface RunFolder {
  /** Returns the base names of the files and folders in a folder. */
  list(folder: string): { files: readonly string[]; folders: readonly string[] };
  open(file: string): Source | undefined;
}

/** A run of MLflow's file store. Times in epoch ms. */
export interface MlflowRun {
  values: LoggedValues;
  name: string | null;
  runId: string | null;
  experimentId: string | null;
  startedAt: number | null;
  endedAt: number | null;
  /** True for a run that was deleted; MLflow's store only marks it. */
  deleted: boolean;
  tags: [name: string, value: string][];
}

const maxMeta = 64 * 1024;
const maxValue = 64 * 1024;
const maxFiles = 10_000;
const maxDepth = 8;

/**
 * Reads a run's folder `mlruns/<experiment>/<run>`: `meta.yaml`, `params/<name>` and `tags/<name>` (one value each),
 * `metrics/<name>` (lines `timestamp value step`, ms). Names may contain folders. MLflow repeats a point for a logged model, so
 * equal lines count once. The last value is that of the highest step, then time. Undefined for a folder without a run. Source:
 * mlflow/store/tracking/file_store.py of MLflow 3.17.
 */
export function readMlflowRun(folder: RunFolder): MlflowRun | undefined {
  const meta = metaOf(folder);
  if (!meta) return undefined;
  const into = collector();
  into.values.status = runStatusOf(meta['status']) ?? null;
  for (const [name, value] of valuesIn(folder, 'params', into)) addParams(into.values, { [name]: value });
  const tags = valuesIn(folder, 'tags', into);
  for (const file of filesBelow(folder, 'metrics', into)) collectMetric(folder, file, into);
  return {
    values: into.values,
    name: textOf(meta['run_name']) ?? tags.find(([name]) => name === 'mlflow.runName')?.[1] ?? null,
    runId: textOf(meta['run_id']) ?? textOf(meta['run_uuid']),
    experimentId: textOf(meta['experiment_id']),
    startedAt: asNumber(meta['start_time']) ?? null,
    endedAt: asNumber(meta['end_time']) ?? null,
    deleted: meta['lifecycle_stage'] === 'deleted',
    tags,
  };
}

/** Reads `meta.yaml`; undefined if it is not a run's, but an experiment's or a model's. */
function metaOf(folder: RunFolder): Record<string, unknown> | undefined {
  const text = textIn(folder, 'meta.yaml', maxMeta);
  try {
    const meta: unknown = text === undefined ? null : parse(text, { maxAliasCount: 10, logLevel: 'silent' });
    const isRun = isObject(meta) && (Object.hasOwn(meta, 'run_id') || Object.hasOwn(meta, 'run_uuid'));
    return isRun ? meta : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

function textIn(folder: RunFolder, file: string, most: number): string | undefined {
  const source = folder.open(file);
  if (!source || source.size > most) return undefined;
  return Buffer.from(source.read(0, most)).toString('utf8');
}

function valuesIn(folder: RunFolder, kind: string, into: Collector): [string, string][] {
  return filesBelow(folder, kind, into).flatMap((file): [string, string][] => {
    const value = textIn(folder, file, maxValue);
    return value === undefined ? [] : [[file.slice(kind.length + 1), value]];
  });
}

function filesBelow(folder: RunFolder, path: string, into: Collector): string[] {
  const found: string[] = [];
  const walk = (at: string, depth: number): void => {
    const { files, folders } = folder.list(at);
    found.push(...files.slice(0, maxFiles + 1 - found.length).map((name) => `${at}/${name}`));
    if (depth >= maxDepth) return;
    for (const name of folders) if (found.length <= maxFiles) walk(`${at}/${name}`, depth + 1);
  };
  walk(path, 0);
  if (found.length > maxFiles) addProblem(into.values, `${path} has more than ${maxFiles} files; the rest is left out`);
  return found.slice(0, maxFiles).toSorted();
}

type Logged = [step: number, time: number, value: number];

function collectMetric(folder: RunFolder, file: string, into: Collector): void {
  const source = folder.open(file);
  if (!source) return;
  const name = file.slice('metrics/'.length);
  const points = pointsOf(source);
  if (!points) return addProblem(into.values, `${file} has no line that is a point`);
  for (const [step, time, value] of points) addPoint(into, name, [step, time, value]);
  const last = points.at(-1);
  if (last) addMetric(into, name, last[2]);
}

const maxPoints = 1_000_000;

/** Returns a metric's points by step, then time; undefined if no line is a point. */
function pointsOf(source: Source): Logged[] | undefined {
  const points = new Map<string, Logged>();
  let lines = 0;
  for (const { text } of completeLines(source, 0)) {
    for (const raw of text.split('\n')) {
      if (raw.trim() === '' || points.size >= maxPoints) continue;
      lines++;
      const [time, value, step = 0] = raw.trim().split(' ').map(asNumber);
      if (time !== undefined && value !== undefined) points.set(`${time} ${value} ${step}`, [step, time, value]);
    }
  }
  if (lines > 0 && points.size === 0) return undefined;
  return [...points.values()].toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
}
