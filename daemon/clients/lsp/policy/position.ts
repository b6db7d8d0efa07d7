/** A line of a plinth.yaml, parsed by its indentation, so that incomplete files can be read. */
export interface Line {
  /** From 0. */
  line: number;
  /** Columns of the dashes before the key. */
  dashes: number[];
  /** Column of the key, or of the item without a key. */
  column: number;
  key: string;
  /** Column after the colon; -1 for none. */
  colon: number;
  /** The text after the colon, without quotes and comment. */
  value: string;
}

export type Path = (string | number)[];

/** Position of a line: the keys above it, 0 for every list on the way. */
export interface YamlPosition {
  path: Path;
  own: Line;
  /** Keys of the line's mapping, with their lines. */
  siblings: ReadonlyMap<string, Line>;
}

const largest = 256 * 1024;
const form = /^(\s*)((?:-\s+)*(?:-$)?)("[^"]*"|'[^']*'|[^\s:#'"][^:#]*)?(\s*:(?=\s|$))?(.*)$/;

/** Returns the lines with content; empty for a text that is too large. Pure. */
export function linesOf(text: string): Line[] {
  if (text.length > largest) return [];
  return text.split(/\r?\n/).flatMap((source, line) => lineOf(source, line) ?? []);
}

export function lineOf(source: string, line: number): Line | undefined {
  const [, indent = '', dashes = '', word = '', colon, rest = ''] = form.exec(source) ?? [];
  if (dashes === '' && word === '') return undefined;
  const column = indent.length + dashes.length;
  const columns = [...dashes.matchAll(/-/g)].map((match) => indent.length + match.index);
  const behind = colon === undefined ? -1 : column + word.length + colon.length;
  return { line, dashes: columns, column, key: bare(word), colon: behind, value: bare(rest.replace(/\s#.*$/, '')) };
}

function bare(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/, '$2');
}

/** Returns the position of a line among others. `own` may be an incomplete line that is not in `lines`. Pure. */
export function positionOf(lines: readonly Line[], own: Line): YamlPosition {
  const above = lines.filter(({ line }) => line < own.line).toReversed();
  const path: Path = own.dashes.map(() => 0);
  let [needed, inList] = [own.dashes[0] ?? own.column, own.dashes.length > 0];
  for (const one of above) {
    const isParent =
      one.colon >= 0 && (one.column < needed || (inList && one.column === needed && one.dashes.length === 0));
    const isItem = one.dashes.some((column) => column < needed) && one.column <= needed;
    if (!isParent && !isItem) continue;
    if (isParent) path.unshift(one.key);
    path.unshift(...one.dashes.filter((column) => column < needed).map(() => 0));
    inList = one.dashes.length > 0;
    needed = one.dashes[0] ?? one.column;
    if (needed === 0 && !inList) break;
  }
  return { path, own, siblings: siblingsOf(lines, own) };
}

/** Returns the lines of the same mapping: from the dash that begins it to the next. */
function siblingsOf(lines: readonly Line[], own: Line): Map<string, Line> {
  const found = new Map<string, Line>();
  const take = (one: Line): boolean => {
    if (one.column === own.column && one.colon >= 0) found.set(one.key, one);
    return one.column < own.column || (one.column === own.column && one.dashes.length > 0);
  };
  if (own.dashes.length === 0)
    for (const one of lines.filter(({ line }) => line < own.line).toReversed()) if (take(one)) break;
  if (own.colon >= 0) found.set(own.key, own);
  for (const one of lines.filter(({ line }) => line > own.line)) {
    if (one.column < own.column || (one.column === own.column && one.dashes.length > 0)) break;
    take(one);
  }
  return found;
}
