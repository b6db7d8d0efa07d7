import { basename, extname } from 'node:path';
import { systemCode } from '../../errors.ts';
import { isBelow, unreadableReason } from '../../runtime/file-reader.ts';
import { projectPlaces } from '../executions/projects.ts';
import { openSource, type FileSource } from '../artifact/file-source.ts';
import { runLogReaders } from './readers.ts';
import { readMlflowRunLog } from './mlflow-run-log.ts';
import { isMlflowRun, runMeta } from '../runs/mlflow-run.ts';
import { sourceName } from './source-name.ts';
import { addValues, countPoints, noValues, valuesOf, type GrowingValues, type KeptValues } from './series.ts';
import type { Resume, RunLogReader } from './types.ts';

interface CachedLog {
  name: string;
  ino: number;
  size: number;
  mtimeMs: number;
  /** The file's first bytes: a file that begins otherwise is another one, whatever its inode. */
  head: Buffer;
  resume: Resume;
  /** True where it was read to its end. */
  isWhole: boolean;
  values: GrowingValues;
  points: number;
}

/** All values that one run log holds. */
export interface RunLog {
  path: string;
  reader: string;
  values: KeptValues;
}

/** How a run log is read, and where the reading stops for a while. */
export interface Reading {
  /** Absent: all of each series; else only its last point, for whoever follows a run. */
  ends?: boolean;
  /** A long file is left after this time and gone on with by the next call: others wait for the thread. */
  budgetMs?: number;
  /** Called as the reading goes on. */
  progress?: () => void;
}

const maxFiles = 500;
/** Over all files; the files that were not asked for longest are forgotten beyond it, and read anew when asked for. */
const maxPointsKept = 2_000_000;
const headBytes = 512;

const known = new Map<string, CachedLog>();
let pointsKept = 0;

/** The reader that would read a file of this name; undefined where none does. */
export function readerOf(name: string): RunLogReader | undefined {
  return runLogReaders.find((reader) => reader.canRead(name));
}

/** True where a change of a file of this name may bring evidence. */
export function isRunLog(name: string): boolean {
  return name === runMeta || readerOf(name) !== undefined;
}

/**
 * Reads a run log: only what was appended since the last time, all of it where it was rewritten. Readers are told
 * its path relative to `base`, the run's or the artifact's folder. Undefined where it cannot be read; `unfinished` where
 * the time is over and the next call goes on.
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
    // What is known grows in place: it is only known again when the reading has come to an end or a rest.
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

/** A file that shrank, was replaced or begins otherwise is another run's. */
function goesOn(before: CachedLog, source: FileSource): boolean {
  const isLonger = source.size > before.size || (!before.isWhole && source.size === before.size);
  if (before.ino !== source.ino || !isLonger) return false;
  return before.head.equals(Buffer.from(source.read(0, before.head.length)));
}

/** Readers stop after some hundred thousand points a call: they are asked until they come no further. */
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

/** Finds a reader by the ending for a file that a dvc.yaml names as metrics and no reader knows by name. */
function readerAt(path: string): { reader: RunLogReader | undefined; readAs?: string } {
  const reader = readerOf(basename(path));
  const readAs = `metrics${extname(path).toLowerCase()}`;
  return reader ? { reader } : { reader: readerOf(readAs), readAs };
}

/** A log lies in the watched folder, or in the project around it. */
function folderAround(path: string, root: string): string {
  if (isBelow(path, root)) return root;
  return projectPlaces(root).places.find((place) => isBelow(path, place)) ?? root;
}

/** Undefined where it is not there any more, or is no file of the watched folder. */
function opened(path: string, root: string): FileSource | { reason: string } | undefined {
  try {
    return openSource(path, root);
  } catch (error) {
    const isForbidden = ['EACCES', 'EPERM'].includes(systemCode(error) ?? '');
    return isForbidden ? { reason: unreadableReason(error) } : undefined;
  }
}
