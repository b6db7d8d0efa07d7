import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, extname, isAbsolute, join, relative, sep } from 'node:path';
import { parse } from 'yaml';
import type { Json } from '../../protocol/json.ts';
import type { DataFile } from '../../protocol/lineage.ts';
import { columnsOf, parquetShape } from './table-shape.ts';

/** A path that something names, before it is known to be a file. */
export interface Named {
  path: string;
  /** What names it. */
  by: string;
}

const endings =
  /\.(csv|tsv|parquet|feather|arrow|jsonl|ndjson|npy|npz|h5|hdf5|tfrecord|txt|json|zip|tar|gz|db|sqlite|xlsx)$/i;
const sure = /\.(csv|tsv|parquet|feather|arrow|jsonl|ndjson|tfrecord)$/i;
const most = 50;
/** Above this a file is told by a fingerprint: hashing it would take long. */
const wholeUpTo = 2e9;
const chunk = 1 << 20;

/** Paths that params name: texts with the ending of a data file. */
export function namedInParams(params: Record<string, Json>, folders: readonly string[]): Named[] {
  const found: Named[] = [];
  const visit = (name: string, value: Json): void => {
    if (typeof value === 'string' && value.length < 1000 && endings.test(value)) {
      const places = isAbsolute(value) ? [value] : folders.map((folder) => join(folder, value));
      found.push(...places.map((path) => ({ path, by: `param ${name}` })));
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) visit(`${name}.${key}`, inner);
    }
  };
  for (const [name, value] of Object.entries(params)) visit(name, value);
  return found;
}

/** Files that a process has open and that are surely data. */
export function namedByProcess(open: readonly string[]): Named[] {
  return open.filter((path) => sure.test(path)).map((path) => ({ path, by: 'open in the process' }));
}

/**
 * What dvc.lock says the stages read (`deps` with an `md5`), data files only: the digests that DVC gave them, without
 * reading the files. Source: https://dvc.org/doc/user-guide/project-structure/dvcyaml-files#dvclock-file
 */
export function namedByDvc(folder: string): DataFile[] {
  const lock = document(join(folder, 'dvc.lock'));
  const stages = Object.values(record(record(lock)['stages']));
  const deps = stages.flatMap((stage) => list(record(stage)['deps'])).map(record);
  const pointers = deps.filter(
    (one) => typeof one['path'] === 'string' && endings.test(one['path']) && typeof one['md5'] === 'string',
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

function document(path: string): unknown {
  try {
    if (statSync(path).size > 256 * 1024) return undefined;
    return parse(readFileSync(path, 'utf8'), { maxAliasCount: 100, logLevel: 'silent' });
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

/** The files among those named that lie in one of the `places` by their real paths, each once, with digest and shape. */
export function dataFiles(named: readonly Named[], places: readonly string[]): DataFile[] {
  const seen = new Map<string, DataFile>();
  for (const { path, by } of named) {
    const real = contained(path, places);
    if (real === undefined || seen.has(real) || seen.size >= most) continue;
    const found = read(real);
    const place = places.find((one) => real.startsWith(one + sep)) ?? dirname(real);
    if (found) seen.set(real, { ...found, path: relative(place, real).split(sep).join('/'), named: by });
  }
  return [...seen.values()];
}

function contained(path: string, places: readonly string[]): string | undefined {
  try {
    const real = realpathSync(path);
    return places.some((place) => real.startsWith(place + sep)) ? real : undefined;
  } catch {
    return undefined;
  }
}

function read(path: string): Omit<DataFile, 'path' | 'named'> | undefined {
  let handle: number | undefined;
  try {
    handle = openSync(path, 'r');
    const stats = fstatSync(handle);
    if (!stats.isFile()) return undefined;
    const { size } = stats;
    if (size > wholeUpTo) return { size, digest: fingerprint(handle, size, stats.mtimeMs), rows: null, columns: null };
    const isTable = /\.(csv|tsv)$/i.test(path);
    const { digest, lines, first } = whole(handle);
    if (isTable)
      return { size, digest, rows: Math.max(0, lines - 1), columns: columnsOf(first, extname(path) === '.tsv') };
    if (/\.(jsonl|ndjson)$/i.test(path)) return { size, digest, rows: lines, columns: null };
    if (/\.parquet$/i.test(path)) return { size, digest, ...parquetShape(handle, size) };
    return { size, digest, rows: null, columns: null };
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** One pass: the digest, the lines, and the text of the first MiB. */
function whole(handle: number): { digest: string; lines: number; first: string } {
  const hash = createHash('sha256');
  const bytes = Buffer.allocUnsafe(chunk);
  let lines = 0;
  let first = '';
  let last = 10;
  for (let at = 0; ;) {
    const n = readSync(handle, bytes, 0, chunk, at);
    if (n === 0) break;
    const part = bytes.subarray(0, n);
    if (at === 0) first = part.toString('utf8');
    for (let index = part.indexOf(10); index !== -1; index = part.indexOf(10, index + 1)) lines += 1;
    last = part[n - 1] ?? 10;
    hash.update(part);
    at += n;
  }
  return { digest: hexOf(hash), lines: lines + (last === 10 ? 0 : 1), first };
}

function hexOf(hash: Hash): string {
  return `sha256:${hash.digest('hex')}`;
}

function fingerprint(handle: number, size: number, mtimeMs: number): string {
  const hash = createHash('sha256').update(`${size}:${Math.round(mtimeMs)}:`);
  const bytes = Buffer.alloc(chunk);
  for (const at of [0, size - chunk]) hash.update(bytes.subarray(0, readSync(handle, bytes, 0, chunk, at)));
  return hexOf(hash).replace('sha256:', 'fingerprint:');
}
