import { hash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Triples } from '../../formats/text/series-json.ts';
import type { Summary } from './facts.ts';

/**
 * What charts need of the series of a blob, in a file beside the blobs: a summary of each and its points, cut to what a chart
 * can show. A file is derived from a blob that was verified, so it may be deleted at any time. It proves itself by checksums,
 * since nothing flushes it.
 */
export interface CachedSeries {
  readonly summaries: ReadonlyMap<string, Summary>;
  /** At most `cachedPoints`; undefined where there is no such series, or it cannot be read. */
  points(metric: string): Triples | undefined;
}

/** Longer series are cut to this many points. */
export const cachedPoints = 2048;

const magic = 'PLSERIE1';
/** Magic, length and checksum of the header. */
const prefixBytes = magic.length + 4 + 32;
/** The oldest files go when all together are larger. */
const maxBytes = 256 << 20;
/** How often a thread looks how large they are: with its first file and every so many after it. */
const tidyEvery = 32;

/** Of one series: where its points lie behind the header, and their checksum. */
interface Entry {
  metric: string;
  summary: Summary;
  at: number;
  bytes: number;
  sha256: string;
}

function pathIn(folder: string, digest: string): string {
  return join(folder, digest.slice('sha256:'.length));
}

export function isCached(folder: string, digest: string): boolean {
  return statSync(pathIn(folder, digest), { throwIfNoEntry: false }) !== undefined;
}

/** What the file of a blob says; undefined where there is none, or it was not written whole. */
export function openCached(folder: string, digest: string): CachedSeries | undefined {
  const path = pathIn(folder, digest);
  const entries = withFile(path, readEntries);
  if (!entries) return undefined;
  const { start, list } = entries;
  const byMetric = new Map(list.map((entry) => [entry.metric, entry]));
  return {
    summaries: new Map(list.map(({ metric, summary }) => [metric, summary])),
    points: (metric) => {
      const entry = byMetric.get(metric);
      const bytes = entry && withFile(path, (handle) => readAt(handle, start + entry.at, entry.bytes));
      if (!bytes || hash('sha256', bytes) !== entry.sha256) return undefined;
      return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / Float64Array.BYTES_PER_ELEMENT);
    },
  };
}

function withFile<T>(path: string, read: (handle: number) => T | undefined): T | undefined {
  try {
    const handle = openSync(path, 'r');
    try {
      return read(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    return undefined;
  }
}

function readEntries(handle: number): { start: number; list: Entry[] } | undefined {
  const prefix = readAt(handle, 0, prefixBytes);
  if (prefix?.toString('latin1', 0, magic.length) !== magic) return undefined;
  const length = prefix.readUInt32LE(magic.length);
  const header = readAt(handle, prefixBytes, length);
  if (!header || hash('sha256', header) !== prefix.toString('hex', magic.length + 4)) return undefined;
  return { start: prefixBytes + length, list: JSON.parse(header.toString('utf8')) as Entry[] };
}

/** So many bytes in a buffer of their own; undefined where the file ends before. */
function readAt(handle: number, position: number, length: number): Buffer | undefined {
  const bytes = Buffer.from(new ArrayBuffer(length));
  return readSync(handle, bytes, 0, length, position) === length ? bytes : undefined;
}

let written = 0;

/** Keeps what charts need of a blob's series. What keeps it from being written only costs time later. */
export function writeCached(
  folder: string,
  digest: string,
  series: ReadonlyMap<string, { summary: Summary; points: Triples }>,
): void {
  let at = 0;
  const parts: Uint8Array[] = [];
  const list = Array.from(series, ([metric, { summary, points }]): Entry => {
    const bytes = Buffer.from(points.buffer, points.byteOffset, points.byteLength);
    parts.push(bytes);
    at += bytes.length;
    return { metric, summary, at: at - bytes.length, bytes: bytes.length, sha256: hash('sha256', bytes) };
  });
  const header = Buffer.from(JSON.stringify(list));
  const prefix = Buffer.alloc(prefixBytes);
  prefix.write(magic, 'latin1');
  prefix.writeUInt32LE(header.length, magic.length);
  prefix.write(hash('sha256', header), magic.length + 4, 'hex');
  const path = pathIn(folder, digest);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (written % tidyEvery === 0) dropOldest(folder);
    written += 1;
    writeFileSync(`${path}.part`, Buffer.concat([prefix, header, ...parts]), { mode: 0o600 });
    renameSync(`${path}.part`, path);
  } catch {
    rmSync(`${path}.part`, { force: true });
  }
}

function dropOldest(folder: string): void {
  const files = readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats ? [{ path, size: stats.size, at: stats.mtimeMs }] : [];
  });
  let total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of files.toSorted((a, b) => a.at - b.at)) {
    if (total <= maxBytes) return;
    rmSync(path, { force: true });
    total -= size;
  }
}
