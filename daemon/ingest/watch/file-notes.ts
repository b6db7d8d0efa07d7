import { statAt } from '../../runtime/file-reader.ts';

interface Note<T> {
  stamp: string;
  value: T;
  /** True where the note holds for the file as such, however it grows. */
  forFile: boolean;
}

/** So many are kept; the oldest go first, and what they said is found out anew. */
const maxNotes = 50_000;

/** What recognisers found out about files, each note for as long as its file stays as it is. */
export class FileNotes<T> {
  readonly #notes = new Map<string, Note<T>>();

  put(recogniser: string, path: string, value: T, forFile = false): void {
    const key = keyOf(recogniser, path);
    this.#notes.delete(key);
    this.#notes.set(key, { stamp: stampOf(path, forFile), value, forFile });
    const oldest = this.#notes.keys().next();
    if (this.#notes.size > maxNotes && !oldest.done) this.#notes.delete(oldest.value);
  }

  get(recogniser: string, path: string): T | undefined {
    if (this.#notes.size === 0) return undefined;
    const key = keyOf(recogniser, path);
    const note = this.#notes.get(key);
    if (note === undefined || note.stamp === stampOf(path, note.forFile)) return note?.value;
    this.#notes.delete(key);
    return undefined;
  }
}

function keyOf(recogniser: string, path: string): string {
  return `${recogniser}\0${path}`;
}

function stampOf(path: string, forFile: boolean): string {
  const stats = statAt(path);
  if (!stats) return '';
  return forFile ? String(stats.ino) : `${stats.size}:${stats.mtimeMs}:${stats.ino}`;
}
