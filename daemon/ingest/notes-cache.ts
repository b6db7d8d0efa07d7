import { basename } from 'node:path';
import { openSource } from './file-source.ts';
import { notesReaders } from './metrics/readers.ts';
import { emptyNotes, type Notes, type NotesReader, type Point, type Resume } from './notes.ts';

/** What one file has said so far, and where its reading goes on. */
interface Known {
  ino: number;
  size: number;
  mtimeMs: number;
  resume: Resume;
  notes: Notes;
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

const known = new Map<string, Known>();

/** The reader that would read a file of this name; undefined where none does. */
export function readerOf(name: string): NotesReader | undefined {
  return notesReaders.find((reader) => reader.claims(name));
}

/** Reads a file's notes: only what was appended since the last time, all of it where it was rewritten. Undefined where it cannot be read. */
export function readNotes(path: string, root: string): FileNotes | undefined {
  const name = basename(path);
  const reader = readerOf(name);
  if (!reader) return undefined;
  const source = attempt(() => openSource(path, root));
  if (!source) return undefined;
  try {
    const before = known.get(path);
    const unchanged = before?.ino === source.ino && before.size === source.size && before.mtimeMs === source.mtimeMs;
    if (before && unchanged) return { path, reader: reader.name, notes: before.notes };
    const grown = before?.ino === source.ino && source.size > before.size ? before : undefined;
    const { notes, resume } = reader.read(name, source, grown?.resume);
    const whole = grown ? joined(grown.notes, notes) : joined(emptyNotes(), notes);
    remember(path, { ino: source.ino, size: source.size, mtimeMs: source.mtimeMs, resume, notes: whole });
    return { path, reader: reader.name, notes: whole };
  } finally {
    source.close();
  }
}

function remember(path: string, entry: Known): void {
  known.delete(path);
  known.set(path, entry);
  const oldest = known.keys().next();
  if (known.size > mostFiles && !oldest.done) known.delete(oldest.value);
}

function joined(before: Notes, now: Notes): Notes {
  const series: Record<string, Point[]> = Object.assign(Object.create(null) as Record<string, Point[]>, before.series);
  for (const [name, points] of Object.entries(now.series)) series[name] = thinned([...(series[name] ?? []), ...points]);
  return {
    params: { ...before.params, ...now.params },
    metrics: { ...before.metrics, ...now.metrics },
    series,
    best: { ...before.best, ...now.best },
    status: now.status ?? before.status,
    problems: [...before.problems, ...now.problems].slice(0, 20),
  };
}

function thinned(points: Point[]): Point[] {
  if (points.length <= mostPoints) return points;
  const last = points.at(-1);
  const kept = points.filter((_, index) => index % 2 === 0);
  return last && kept.at(-1) !== last ? [...kept, last] : kept;
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
