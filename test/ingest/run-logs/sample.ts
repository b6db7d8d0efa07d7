import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { sourceOf } from '../../../daemon/formats/source.ts';
import { readRunLog, type RunLog } from '../../../daemon/ingest/run-logs/cache.ts';
import { pointsOf } from '../../../daemon/ingest/run-logs/series.ts';
import { runLogReaders } from '../../../daemon/ingest/run-logs/readers.ts';
import type { LoggedValues, RunLogReader } from '../../../daemon/ingest/run-logs/types.ts';

const ROOT = new URL('../../fixtures/samples/', import.meta.url);

export function sampleBytes(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(path, ROOT)));
}

/** Returns one artifact of a sample's expected.json, by its id. */
export function expectedArtifact(sample: string, id: string): ExpectedArtifact {
  const text = readFileSync(new URL(`${sample}/expected.json`, ROOT), 'utf8');
  const artifact = (JSON.parse(text) as { units: ExpectedArtifact[] }).units.find((candidate) => candidate.id === id);
  if (!artifact) throw new Error(`${sample} has no artifact ${id}`);
  return artifact;
}

export interface ExpectedArtifact {
  id: string;
  params: Record<string, unknown>;
  metrics: { final: Record<string, number>; best: Record<string, { value: number; step: number; mode: string }> };
  series: Record<string, ExpectedSeries>;
  framework_version: { recorded: string | null };
  parameter_count: number;
  trees: number;
  objective: string;
  attributes: Record<string, string>;
  n_features: number;
}

export interface ExpectedSeries {
  points: number;
  first: [number, number];
  last: [number, number];
  min: number;
  max: number;
}

export function readerOf(path: string): RunLogReader {
  const readers = runLogReaders.filter((reader) => reader.canRead(basename(path)));
  if (readers.length !== 1 || !readers[0]) throw new Error(`${readers.length} readers can read ${path}`);
  return readers[0];
}

/** Returns what the reader of a sample file reads from it. */
export function valuesOf(path: string): LoggedValues {
  return readBytes(path, sampleBytes(path));
}

export function readBytes(path: string, bytes: Uint8Array): LoggedValues {
  return readerOf(path).read(path, sourceOf(bytes)).values;
}

export function readText(path: string, text: string): LoggedValues {
  return readBytes(path, Buffer.from(text));
}

/** Returns the log in the form that ingest uses. Throws when there is none. */
export function logAt(path: string, folder: string): RunLog {
  const log = readRunLog(path, folder, folder);
  if (!log || log === 'unfinished') throw new Error(`${path} was not read`);
  return log;
}

/** Returns the values of the log, with series as points. */
export function keptValuesAt(path: string, folder: string): LoggedValues {
  const { values } = logAt(path, folder);
  const series = Object.entries(values.series).map(([name, one]) => [name, pointsOf(one)]);
  return { ...values, series: Object.fromEntries(series) as LoggedValues['series'] };
}

/** Returns the series in the form of expected.json. */
export function summaries(values: LoggedValues): Record<string, ExpectedSeries> {
  const entries = Object.entries(values.series).map(([name, points]) => {
    const [first, last] = [points[0], points.at(-1)];
    if (!first || !last) throw new Error(`${name} is empty`);
    const values = points.map(([, , value]) => value);
    const ends = { first: [first[0] ?? -1, first[2]], last: [last[0] ?? -1, last[2]] } as const;
    const summary = { points: points.length, min: Math.min(...values), max: Math.max(...values) };
    return [name, { ...summary, first: [...ends.first], last: [...ends.last] }] as const;
  });
  return Object.fromEntries(entries) as unknown as Record<string, ExpectedSeries>;
}
