import { statAt } from '../../runtime/file-reader.ts';

interface Note<T> {
  stamp: string;
  value: T;
}

/** So many are kept; the oldest go first, and what they said is found out anew. */
const maxNotes = 50_000;

/** What recognisers found out about files, each note for as long as its file stays as it is. */
export class FileNotes<T> {
  readonly #notes = new Map<string, Note<T>>();

  put(recogniser: string, path: string, value: T): void {
    const key = keyOf(recogniser, path);
    this.#notes.delete(key);
    this.#notes.set(key, { stamp: fileStamp(path), value });
    const oldest = this.#notes.keys().next();
    if (this.#notes.size > maxNotes && !oldest.done) this.#notes.delete(oldest.value);
  }

  get(recogniser: string, path: string): T | undefined {
    if (this.#notes.size === 0) return undefined;
    const key = keyOf(recogniser, path);
    const note = this.#notes.get(key);
    if (note === undefined || note.stamp === fileStamp(path)) return note?.value;
    this.#notes.delete(key);
    return undefined;
  }
}

function keyOf(recogniser: string, path: string): string {
  return `${recogniser}\0${path}`;
}

function fileStamp(path: string): string {
  const stats = statAt(path);
  return stats ? `${stats.size}:${stats.mtimeMs}:${stats.ino}` : '';
}
