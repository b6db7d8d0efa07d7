import { createHash, type Hash } from 'node:crypto';
import { closeSync, readSync } from 'node:fs';
import { dirname, extname, isAbsolute, join, relative, sep } from 'node:path';
import { parse } from 'yaml';
import { openLinked, openWithin, readAt, readWhole, type OpenFile } from '../../runtime/file-reader.ts';
import type { Json } from '../../protocol/json.ts';
import type { DataFile } from '../../protocol/lineage.ts';
import { dataEndings } from '../executions/data-endings.ts';
import { columnsOf, parquetShape } from './table-shape.ts';

/** A path that may be data, before it is known to exist. `by`: where it is named. */
export interface Named {
  path: string;
  by: string;
}

const sure = /\.(csv|tsv|parquet|feather|arrow|jsonl|ndjson|tfrecord)$/i;
const most = 50;
/** Larger files get a fingerprint instead of a hash, which would take long. */
const wholeUpTo = 2e9;
/** Bytes that are hashed for one artifact at most. */
const maxHashedBytes = 8e9;
const maxLockBytes = 256 * 1024;
const chunk = 1 << 20;

/** Returns the params whose value is a path with the ending of a data file. */
export function namedInParams(params: Record<string, Json>, folders: readonly string[]): Named[] {
  const found: Named[] = [];
  const visit = (name: string, value: Json): void => {
    if (typeof value === 'string' && value.length < 1000 && dataEndings.test(value)) {
      const places = isAbsolute(value) ? [value] : folders.map((folder) => join(folder, value));
      found.push(...places.map((path) => ({ path, by: `param ${name}` })));
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) visit(`${name}.${key}`, inner);
    }
  };
  for (const [name, value] of Object.entries(params)) visit(name, value);
  return found;
}

/** Returns the open files of a process that are certainly data. */
export function namedByProcess(open: readonly string[]): Named[] {
  return open.filter((path) => sure.test(path)).map((path) => ({ path, by: 'open in the process' }));
}

/**
 * Returns the data files that the stages in dvc.lock read (`deps` with an `md5`), with DVC's digests and without reading them.
 * Source: https://dvc.org/doc/user-guide/project-structure/dvcyaml-files#dvclock-file
 */
export function namedByDvc(folder: string): DataFile[] {
  const lock = document(folder, 'dvc.lock');
  const stages = Object.values(record(record(lock)['stages']));
  const deps = stages.flatMap((stage) => list(record(stage)['deps'])).map(record);
  const pointers = deps.filter(
    (one) =>
      typeof one['path'] === 'string' &&
      typeof one['md5'] === 'string' &&
      (dataEndings.test(one['path']) || one['md5'].endsWith('.dir')),
  );
  return pointers.slice(0, most).map((one) => ({
    path: String(one['path']),
    size: Number(one['size'] ?? 0),
    digest: `md5:${String(one['md5'])}`,
    rows: null,
    columns: null,
    named: 'dvc.lock',
  }));
}

function document(folder: string, name: string): unknown {
  try {
    const text = readWhole(openWithin(join(folder, name), folder), maxLockBytes).toString('utf8');
    return parse(text, { maxAliasCount: 100, uniqueKeys: false, logLevel: 'silent' });
  } catch {
    return undefined;
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Returns the named files that really lie in one of the `places`, each once, with digest and shape. Calls `progress` while it works. */
export function dataFiles(named: readonly Named[], places: readonly string[], progress: () => void): DataFile[] {
  const seen = new Map<string, DataFile>();
  let left = maxHashedBytes;
  for (const { path, by } of named) {
    if (seen.size >= most) break;
    const file = attempt(() => openLinked(path, places));
    if (!file) continue;
    const real = file.path;
    const place = places.find((one) => real.startsWith(one + sep)) ?? dirname(real);
    const found = seen.has(real) ? undefined : attempt(() => factsOf(file, left, progress));
    closeSync(file.handle);
    if (!found) continue;
    if (found.digest.startsWith('sha256:')) left -= found.size;
    seen.set(real, { ...found, path: relative(place, real).split(sep).join('/'), named: by });
    progress();
  }
  return [...seen.values()];
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

function factsOf(
  { handle, stats, path }: OpenFile & { path: string },
  left: number,
  progress: () => void,
): Omit<DataFile, 'path' | 'named'> {
  const size = Number(stats.size);
  if (size > Math.min(wholeUpTo, left))
    return { size, digest: fingerprint(handle, size, Number(stats.mtimeMs)), rows: null, columns: null };
  const { digest, lines, first } = whole(handle, size, progress);
  if (/\.(csv|tsv)$/i.test(path))
    return { size, digest, rows: Math.max(0, lines - 1), columns: columnsOf(first, extname(path) === '.tsv') };
  if (/\.(jsonl|ndjson)$/i.test(path)) return { size, digest, rows: lines, columns: null };
  if (/\.parquet$/i.test(path)) return { size, digest, ...parquetShape(handle, size) };
  return { size, digest, rows: null, columns: null };
}

/** Reads a file once, up to its size at opening: digest, number of lines, and the text of the first MiB. */
function whole(handle: number, size: number, progress: () => void): { digest: string; lines: number; first: string } {
  const hash = createHash('sha256');
  const bytes = Buffer.allocUnsafe(chunk);
  let lines = 0;
  let first = '';
  let last = 10;
  for (let at = 0; at < size;) {
    const n = readSync(handle, bytes, 0, Math.min(chunk, size - at), at);
    if (n === 0) break;
    const part = bytes.subarray(0, n);
    if (at === 0) first = part.toString('utf8');
    for (let index = part.indexOf(10); index !== -1; index = part.indexOf(10, index + 1)) lines += 1;
    last = part[n - 1] ?? 10;
    hash.update(part);
    at += n;
    if (at % (64 * chunk) === 0) progress();
  }
  return { digest: hexOf(hash), lines: lines + (last === 10 ? 0 : 1), first };
}

function hexOf(hash: Hash): string {
  return `sha256:${hash.digest('hex')}`;
}

function fingerprint(handle: number, size: number, mtimeMs: number): string {
  const hash = createHash('sha256').update(`${size}:${Math.round(mtimeMs)}:`);
  for (const at of [0, Math.max(0, size - chunk)]) hash.update(readAt(handle, at, chunk));
  return hexOf(hash).replace('sha256:', 'fingerprint:');
}
