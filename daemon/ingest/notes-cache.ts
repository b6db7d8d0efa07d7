import { basename } from 'node:path';
import { openSource, type FileSource } from './file-source.ts';
import { notesReaders } from './metrics/readers.ts';
import { sourceName } from './notes-source.ts';
import { emptyNotes, record, type Notes, type NotesReader, type Point, type Resume } from './notes.ts';

/** What one file has said so far, and where its reading goes on. */
interface Known {
  name: string;
  ino: number;
  size: number;
  mtimeMs: number;
  /** The file's first bytes: a file that begins otherwise is another one, whatever its inode. */
  head: Buffer;
  resume: Resume;
  notes: Notes;
  points: number;
}

/** A file's notes, whole. */
export interface FileNotes {
  path: string;
  reader: string;
  notes: Notes;
}

/** A series keeps at most this many points; beyond it every second one is dropped. */
const mostPoints = 20_000;
const mostFiles = 500;
/** Over all files; the files that were not asked for longest are forgotten beyond it, and read anew when asked for. */
const mostPointsKept = 2_000_000;
const headBytes = 512;

const known = new Map<string, Known>();
let pointsKept = 0;

/** The reader that would read a file of this name; undefined where none does. */
export function readerOf(name: string): NotesReader | undefined {
  return notesReaders.find((reader) => reader.claims(name));
}

/**
 * Reads a file's notes: only what was appended since the last time, all of it where it was rewritten. Readers are told
 * its path relative to `base`, the run's or the unit's folder. Undefined where it cannot be read.
 */
export function readNotes(path: string, root: string, base: string): FileNotes | undefined {
  const reader = readerOf(basename(path));
  const source = reader && attempt(() => openSource(path, root));
  if (!source) return undefined;
  try {
    const name = sourceName(base, path);
    const before = known.get(path)?.name === name ? known.get(path) : undefined;
    const unchanged = before?.ino === source.ino && before.size === source.size && before.mtimeMs === source.mtimeMs;
    if (before && unchanged) return { path, reader: reader.name, notes: before.notes };
    const grown = before && goesOn(before, source) ? before : undefined;
    const { notes, resume } = readOn(reader, name, source, grown);
    const { ino, size, mtimeMs } = source;
    const head = Buffer.from(source.read(0, headBytes));
    remember(path, { name, ino, size, mtimeMs, head, resume, notes, points: countOf(notes) });
    return { path, reader: reader.name, notes };
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
  reader: NotesReader,
  name: string,
  source: FileSource,
  grown: Known | undefined,
): Pick<Known, 'notes' | 'resume'> {
  let notes = grown?.notes ?? emptyNotes();
  let resume = grown?.resume;
  for (;;) {
    const read = reader.read(name, source, resume);
    notes = joined(notes, read.notes);
    const from = resume?.offset ?? 0;
    resume = read.resume;
    if (resume.offset <= from || resume.offset >= source.size) return { notes, resume };
  }
}

function remember(path: string, entry: Known): void {
  forgetFile(path);
  known.set(path, entry);
  pointsKept += entry.points;
  for (const oldest of known.keys()) {
    if ((known.size <= mostFiles && pointsKept <= mostPointsKept) || oldest === path) break;
    forgetFile(oldest);
  }
}

function forgetFile(path: string): void {
  pointsKept -= known.get(path)?.points ?? 0;
  known.delete(path);
}

function countOf(notes: Notes): number {
  return Object.values(notes.series).reduce((sum, points) => sum + points.length, 0);
}

function joined(before: Notes, now: Notes): Notes {
  const series = record(before.series);
  for (const [name, points] of Object.entries(now.series)) series[name] = thinned([...(series[name] ?? []), ...points]);
  return {
    params: record(before.params, now.params),
    metrics: record(before.metrics, now.metrics),
    series,
    best: record(before.best, now.best),
    status: now.status ?? before.status,
    problems: [...before.problems, ...now.problems].slice(0, 20),
  };
}

function thinned(points: Point[]): Point[] {
  if (points.length <= mostPoints) return points;
  const last = points.at(-1);
  const kept = points.filter((_, index) => index % 2 === 0);
  const whole = last && kept.at(-1) !== last ? [...kept, last] : kept;
  return thinned(whole);
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
