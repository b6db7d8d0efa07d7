import { hash } from 'node:crypto';
import {
  closeSync,
  existsSync,
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
import type { EvidenceTexts, Triples } from '../../formats/text/series-json.ts';
import type { Summary } from './facts.ts';

/**
 * The series of one blob for charts: a summary of each and its points, reduced; and its metrics and params, which stand before
 * megabytes of points there. They are cached in a file of the data folder,
 * which is derived from a verified blob and may be deleted at any time. Checksums protect it, as it is not fsynced.
 */
export interface CachedSeries {
  readonly evidence: EvidenceTexts;
  readonly summaries: ReadonlyMap<string, Summary>;
  /** Returns at most `cachedPoints` points; undefined for an unknown series or a damaged file. */
  points(metric: string): Triples | undefined;
}

/** Number of points to which longer series are reduced. */
export const cachedPoints = 2048;

const magic = 'PLSERIE2';
/** Size of magic, header length and header checksum. */
const prefixBytes = magic.length + 4 + 32;
/** Total size above which the oldest files are deleted. */
const maxBytes = 256 << 20;
/** Number of written files after which a thread checks the total size. */
const tidyEvery = 32;

interface Header {
  evidence: EvidenceTexts;
  series: Entry[];
}

/** Header of one series: position of its points after the header, and their checksum. */
interface Entry {
  metric: string;
  summary: Summary;
  at: number;
  bytes: number;
  sha256: string;
}

/** Returns the folder of the cache files in a data folder. */
export function seriesCacheFolder(dataFolder: string): string {
  return join(dataFolder, 'cache', 'series');
}

function pathIn(folder: string, digest: string): string {
  return join(folder, digest.slice('sha256:'.length));
}

export function isCached(folder: string, digest: string): boolean {
  return statSync(pathIn(folder, digest), { throwIfNoEntry: false }) !== undefined;
}

/** Opens the cache file of a blob; undefined if it does not exist or is damaged. */
export function openCached(folder: string, digest: string): CachedSeries | undefined {
  const path = pathIn(folder, digest);
  const entries = withFile(path, readHeader);
  if (!entries) return undefined;
  const { start, evidence, series: list } = entries;
  const byMetric = new Map(list.map((entry) => [entry.metric, entry]));
  return {
    evidence,
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

function readHeader(handle: number): (Header & { start: number }) | undefined {
  const prefix = readAt(handle, 0, prefixBytes);
  if (prefix?.toString('latin1', 0, magic.length) !== magic) return undefined;
  const length = prefix.readUInt32LE(magic.length);
  const header = readAt(handle, prefixBytes, length);
  if (!header || hash('sha256', header) !== prefix.toString('hex', magic.length + 4)) return undefined;
  return { start: prefixBytes + length, ...(JSON.parse(header.toString('utf8')) as Header) };
}

/** Reads bytes into a buffer of their own; undefined if the file is shorter. */
function readAt(handle: number, position: number, length: number): Buffer | undefined {
  const bytes = Buffer.from(new ArrayBuffer(length));
  return readSync(handle, bytes, 0, length, position) === length ? bytes : undefined;
}

let written = 0;

/** Writes the cache file of a blob. A failure is ignored: it only costs time later. */
export function writeCached(
  folder: string,
  digest: string,
  { evidence, series }: { evidence: EvidenceTexts; series: ReadonlyMap<string, { summary: Summary; points: Triples }> },
): void {
  let at = 0;
  const parts: Uint8Array[] = [];
  const list = Array.from(series, ([metric, { summary, points }]): Entry => {
    const bytes = Buffer.from(points.buffer, points.byteOffset, points.byteLength);
    parts.push(bytes);
    at += bytes.length;
    return { metric, summary, at: at - bytes.length, bytes: bytes.length, sha256: hash('sha256', bytes) };
  });
  const header = Buffer.from(JSON.stringify({ evidence, series: list } satisfies Header));
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

/** Deletes the cache files of blobs that nothing names, so that nothing of a deleted version stays. */
export function deleteUnnamed(folder: string, named: ReadonlySet<string>): void {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of names) if (!named.has(`sha256:${name}`)) rmSync(join(folder, name), { force: true });
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
