import type { FileEnding } from './recogniser.ts';

/** Returns the longest ending of a name; undefined for none. A name that is nothing but an ending has none. */
export function endingOf<E extends Pick<FileEnding, 'ending'>>(endings: readonly E[], name: string): E | undefined {
  const lower = name.toLowerCase();
  const found = endings.filter(({ ending }) => lower.endsWith(ending) && lower.length > ending.length);
  return found.toSorted((a, b) => b.ending.length - a.ending.length)[0];
}

/** True if a name's ending, and further conditions of the ending, allow the file to be a model. */
export function mayBeModel(endings: readonly FileEnding[], name: string, folder: string): boolean {
  const found = endingOf(endings, name);
  return found !== undefined && (found.mayBeModel?.(name, folder) ?? found.byContent !== true);
}

/** True if a file's ending alone determines its format. */
export function isPlainlyNamed(endings: readonly FileEnding[], name: string): boolean {
  const found = endingOf(endings, name);
  return found !== undefined && found.mayBeModel === undefined && found.byContent !== true;
}
