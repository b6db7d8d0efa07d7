import { basename, extname } from 'node:path';
import { systemCode } from '../../errors.ts';
import { isBelow, unreadableReason } from '../../runtime/file-reader.ts';
import { projectPlaces } from '../executions/projects.ts';
import { openSource, type FileSource } from '../artifact/file-source.ts';
import { runLogReaders } from './readers.ts';
import { readMlflowRunLog } from './mlflow-run-log.ts';
import { isMlflowRun, runMeta } from './mlflow-run.ts';
import { sourceName } from './source-name.ts';
import { addValues, countPoints, noValues, valuesOf, type GrowingValues, type KeptValues } from './series.ts';
import type { Resume, RunLogReader } from './types.ts';

interface CachedLog {
  name: string;
  ino: number;
  size: number;
  mtimeMs: number;
  /** First bytes of the file. If they change, it is another file under the same inode. */
  head: Buffer;
  resume: Resume;
  /** True if it was read to its end. */
  isWhole: boolean;
  values: GrowingValues;
  points: number;
}

/** All values of one run log. */
export interface RunLog {
  path: string;
  reader: string;
  values: KeptValues;
}

/** Options for reading a run log. */
export interface Reading {
  /** True to return only the last two points of each series, for following a run. */
  ends?: boolean;
  /** Time after which a long file is left unfinished for the next call, as other work waits for the thread. Absent: none. */
  budgetMs?: number;
  /** Called while the reading makes progress. */
  progress?: () => void;
}

const maxFiles = 500;
/** Points cached over all files. Beyond it the least recently used files are dropped and read from the start when needed. */
const maxPointsKept = 2_000_000;
const headBytes = 512;

const known = new Map<string, CachedLog>();
let pointsKept = 0;

/** Returns the reader for a file of this name; undefined if there is none. */
export function readerOf(name: string): RunLogReader | undefined {
  return runLogReaders.find((reader) => reader.canRead(name));
}

/** True for a name whose file may be evidence. */
export function isRunLog(name: string): boolean {
  return name === runMeta || readerOf(name) !== undefined;
}

/**
 * Reads a run log: only what was appended since the last call, or all of it if it was rewritten. Readers get its path relative to
 * `base`, the folder of the run or the artifact. Undefined if it cannot be read; `unfinished` if `budgetMs` is over and the next
 * call continues.
 */
export function readRunLog(
  path: string,
  root: string,
  base: string,
  reading: Reading = {},
): RunLog | 'unfinished' | undefined {
  reading.progress?.();
  if (isMlflowRun(path)) {
    const values = readMlflowRunLog(path, root);
    const all = noValues();
    if (values) addValues(all, values);
    return values && logOf(path, 'mlflow', all, reading);
  }
  const { reader, readAs } = readerAt(path);
  const source = reader && opened(path, folderAround(path, root));
  if (!source) return undefined;
  if ('reason' in source) return { path, reader: reader.name, values: { ...noValues(), problems: [source.reason] } };
  try {
    const name = readAs ?? sourceName(base, path);
    const before = known.get(path)?.name === name ? known.get(path) : undefined;
    const unchanged = before?.ino === source.ino && before.size === source.size && before.mtimeMs === source.mtimeMs;
    if (before?.isWhole === true && unchanged) return logOf(path, reader.name, before.values, reading);
    const grown = before && goesOn(before, source) ? before : undefined;
    // The cached values grow in place, so they are out of the cache until this reading has ended.
    forgetFile(path);
    const read = readOn(reader, name, source, grown, reading);
    const { ino, size, mtimeMs } = source;
    const head = Buffer.from(source.read(0, headBytes));
    remember(path, { name, ino, size, mtimeMs, head, ...read, points: countPoints(read.values) });
    return read.isWhole ? logOf(path, reader.name, read.values, reading) : 'unfinished';
  } finally {
    source.close();
  }
}

function logOf(path: string, reader: string, values: GrowingValues, { ends = false }: Reading): RunLog {
  return { path, reader, values: valuesOf(values, ends) };
}

/** True if a file only grew since it was read. One that shrank, was replaced or begins differently is another run's. */
function goesOn(before: CachedLog, source: FileSource): boolean {
  const isLonger = source.size > before.size || (!before.isWhole && source.size === before.size);
  if (before.ino !== source.ino || !isLonger) return false;
  return before.head.equals(Buffer.from(source.read(0, before.head.length)));
}

/** Calls a reader until it has read all. Readers stop after some hundred thousand points a call. */
function readOn(
  reader: RunLogReader,
  name: string,
  source: FileSource,
  grown: CachedLog | undefined,
  { budgetMs = Infinity, progress }: Reading,
): Pick<CachedLog, 'values' | 'resume' | 'isWhole'> {
  const until = performance.now() + budgetMs;
  let values = grown?.values ?? noValues();
  let resume = grown?.resume;
  for (;;) {
    progress?.();
    const read = reader.read(name, source, resume);
    if (read.anew === true) values = noValues();
    addValues(values, read.values);
    const from = resume?.offset ?? 0;
    resume = read.resume;
    const isWhole = resume.offset <= from || resume.offset >= source.size;
    if (isWhole || performance.now() >= until) return { values, resume, isWhole };
  }
}

function remember(path: string, entry: CachedLog): void {
  forgetFile(path);
  known.set(path, entry);
  pointsKept += entry.points;
  for (const oldest of known.keys()) {
    if ((known.size <= maxFiles && pointsKept <= maxPointsKept) || oldest === path) break;
    forgetFile(oldest);
  }
}

function forgetFile(path: string): void {
  pointsKept -= known.get(path)?.points ?? 0;
  known.delete(path);
}

/**
 * Returns the reader of a file by its name, or by its ending for a file that a dvc.yaml names as metrics. `readAs`: the name to
 * give the reader.
 */
function readerAt(path: string): { reader: RunLogReader | undefined; readAs?: string } {
  const reader = readerOf(basename(path));
  const readAs = `metrics${extname(path).toLowerCase()}`;
  return reader ? { reader } : { reader: readerOf(readAs), readAs };
}

/** Returns the folder that a log must lie in: the watched folder, or the project around it. */
function folderAround(path: string, root: string): string {
  if (isBelow(path, root)) return root;
  return projectPlaces(root).places.find((place) => isBelow(path, place)) ?? root;
}

/** Opens a log. Undefined if it is gone or does not lie in its folder. */
function opened(path: string, root: string): FileSource | { reason: string } | undefined {
  try {
    return openSource(path, root);
  } catch (error) {
    const isForbidden = ['EACCES', 'EPERM'].includes(systemCode(error) ?? '');
    return isForbidden ? { reason: unreadableReason(error) } : undefined;
  }
}
