import type { FileEnding } from './recogniser.ts';

/** The longest of the endings that a name has; undefined where it has none. Something must stand before it. */
export function endingOf<E extends Pick<FileEnding, 'ending'>>(endings: readonly E[], name: string): E | undefined {
  const lower = name.toLowerCase();
  const found = endings.filter(({ ending }) => lower.endsWith(ending) && lower.length > ending.length);
  return found.toSorted((a, b) => b.ending.length - a.ending.length)[0];
}

/** True where the name's ending, and what else the ending asks of the name, says that the file may be a model. */
export function mayBeModel(endings: readonly FileEnding[], name: string, folder: string): boolean {
  const found = endingOf(endings, name);
  return found !== undefined && (found.mayBeModel?.(name, folder) ?? found.byContent !== true);
}

/** True where the ending alone says what the file is. */
export function isPlainlyNamed(endings: readonly FileEnding[], name: string): boolean {
  const found = endingOf(endings, name);
  return found !== undefined && found.mayBeModel === undefined && found.byContent !== true;
}
