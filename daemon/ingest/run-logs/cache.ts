import { basename, extname } from 'node:path';
import { systemCode } from '../../errors.ts';
import { isBelow, unreadableReason } from '../../runtime/file-reader.ts';
import { projectPlaces } from '../executions/projects.ts';
import { openSource, type FileSource } from '../artifact/file-source.ts';
import { runLogReaders } from './readers.ts';
import { readMlflowRunLog } from './mlflow-run-log.ts';
import { isMlflowRun, runMeta } from '../runs/mlflow-run.ts';
import { sourceName } from './source-name.ts';
import { emptyValues, record, type LoggedValues, type RunLogReader, type Point, type Resume } from './types.ts';

/** What one file has said so far, and where its reading goes on. */
interface Known {
  name: string;
  ino: number;
  size: number;
  mtimeMs: number;
  /** The file's first bytes: a file that begins otherwise is another one, whatever its inode. */
  head: Buffer;
  resume: Resume;
  values: LoggedValues;
  points: number;
}

/** All values that one run log holds. */
export interface RunLog {
  path: string;
  reader: string;
  values: LoggedValues;
}

/** A series keeps at most this many points; beyond it every second one is dropped. */
const maxPoints = 20_000;
/** All series of a file together: they are copied to the event loop's thread, some 3,000 points a millisecond. */
const maxPointsOfFile = 60_000;
const maxFiles = 500;
/** Over all files; the files that were not asked for longest are forgotten beyond it, and read anew when asked for. */
const maxPointsKept = 2_000_000;
const headBytes = 512;

const known = new Map<string, Known>();
let pointsKept = 0;

/** The reader that would read a file of this name; undefined where none does. */
export function readerOf(name: string): RunLogReader | undefined {
  return runLogReaders.find((reader) => reader.canRead(name));
}

/** Whether a change of a file of this name may bring evidence. */
export function isRunLog(name: string): boolean {
  return name === runMeta || readerOf(name) !== undefined;
}

/**
 * Reads a run log: only what was appended since the last time, all of it where it was rewritten. Readers are told
 * its path relative to `base`, the run's or the artifact's folder; `progress` is called as the reading goes on. Undefined
 * where it cannot be read.
 */
export function readRunLog(
  path: string,
  root: string,
  base: string,
  progress: () => void = () => undefined,
): RunLog | undefined {
  progress();
  if (isMlflowRun(path)) {
    const values = readMlflowRunLog(path, root);
    return values && { path, reader: 'mlflow', values };
  }
  const { reader, readAs } = readerAt(path);
  const source = reader && opened(path, folderAround(path, root));
  if (!source) return undefined;
  if ('reason' in source) return { path, reader: reader.name, values: { ...emptyValues(), problems: [source.reason] } };
  try {
    const name = readAs ?? sourceName(base, path);
    const before = known.get(path)?.name === name ? known.get(path) : undefined;
    const unchanged = before?.ino === source.ino && before.size === source.size && before.mtimeMs === source.mtimeMs;
    if (before && unchanged) return { path, reader: reader.name, values: before.values };
    const grown = before && goesOn(before, source) ? before : undefined;
    const { values, resume } = readOn(reader, name, source, grown, progress);
    const { ino, size, mtimeMs } = source;
    const head = Buffer.from(source.read(0, headBytes));
    remember(path, { name, ino, size, mtimeMs, head, resume, values, points: countOf(values) });
    return { path, reader: reader.name, values };
  } finally {
    source.close();
  }
}

/** A file that shrank, was replaced or begins otherwise is another run's. */
function goesOn(before: Known, source: FileSource): boolean {
  if (before.ino !== source.ino || source.size <= before.size) return false;
  return before.head.equals(Buffer.from(source.read(0, before.head.length)));
}

/** Readers stop after some hundred thousand points a call: they are asked until they come no further. */
function readOn(
  reader: RunLogReader,
  name: string,
  source: FileSource,
  grown: Known | undefined,
  progress: () => void,
): Pick<Known, 'values' | 'resume'> {
  let values = grown?.values ?? emptyValues();
  let resume = grown?.resume;
  for (;;) {
    progress();
    const read = reader.read(name, source, resume);
    values = joined(read.anew === true ? emptyValues() : values, read.values);
    const from = resume?.offset ?? 0;
    resume = read.resume;
    if (resume.offset <= from || resume.offset >= source.size) return { values, resume };
  }
}

function remember(path: string, entry: Known): void {
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

function countOf(values: LoggedValues): number {
  return Object.values(values.series).reduce((sum, points) => sum + points.length, 0);
}

function joined(before: LoggedValues, now: LoggedValues): LoggedValues {
  const series = record(before.series);
  for (const [name, points] of Object.entries(now.series))
    series[name] = thinned([...(series[name] ?? []), ...points], maxPoints);
  return {
    params: record(before.params, now.params),
    metrics: record(before.metrics, now.metrics),
    series: bounded(series),
    best: record(before.best, now.best),
    status: now.status ?? before.status,
    problems: [...new Set([...before.problems, ...now.problems])].slice(0, 20),
  };
}

/** The longest series are thinned until all together are few enough. */
function bounded(series: Record<string, Point[]>): Record<string, Point[]> {
  const lengths = Object.values(series).map((points) => points.length);
  const total = (most: number): number => lengths.reduce((sum, length) => sum + Math.min(length, most), 0);
  let most = maxPoints;
  while (total(most) > maxPointsOfFile && most > 2) most = Math.floor(most / 2);
  if (most === maxPoints) return series;
  const kept = record<Point[]>();
  for (const [name, points] of Object.entries(series)) kept[name] = thinned(points, most);
  return kept;
}

/** Halved until few enough: of every four points the least and the most stay, so that no peak is lost, and the last one. */
function thinned(points: Point[], most: number): Point[] {
  if (points.length <= most) return points;
  const kept: Point[] = [];
  for (let at = 0; at < points.length; at += 4) kept.push(...extremes(points.slice(at, at + 4)));
  const last = points.at(-1);
  if (last && kept.at(-1) !== last) kept.push(last);
  return thinned(kept, most);
}

/** The least and the most in their order; the first one where none is a number. */
function extremes(points: readonly Point[]): Point[] {
  const numbers = points.filter((point) => !Number.isNaN(point[2]));
  const [first, ...rest] = numbers;
  if (!first) return points.slice(0, 1);
  let [least, most] = [first, first];
  for (const point of rest) {
    if (point[2] < least[2]) least = point;
    if (point[2] > most[2]) most = point;
  }
  return least === most ? [least] : points.filter((point) => point === least || point === most);
}

/** What no reader knows by its name was named as metrics, by a dvc.yaml: its ending tells how it is written. */
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
