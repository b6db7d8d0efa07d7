import { invalid } from '../error-handler.ts';

/** A token of a filter; `text` is without quotes. `(` is `{ kind: 'sign', text: '(' }`. */
export interface Token {
  kind: 'word' | 'quoted' | 'name' | 'number' | 'sign' | 'end';
  text: string;
}

/** Longest filter in characters: a list of 10,000 run ids has 350,000. */
export const maxFilterLength = 1 << 20;

const patterns: readonly [Token['kind'], RegExp][] = [
  ['quoted', /'([^']*(?:''[^']*)*)'/y],
  ['quoted', /"([^"]*)"/y],
  ['name', /`([^`]*)`/y],
  ['number', /-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w])/y],
  ['word', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['word', /[\p{L}\p{N}_]+/uy],
  ['sign', /!=|<=|>=|<>|[=<>(),.:/-]/y],
];

/** Splits a filter into tokens. Throws `Invalid clause(s) in filter string`. */
export function tokens(filter: string): Token[] {
  if (filter.length > maxFilterLength) throw invalid(`a filter has at most ${maxFilterLength} characters`);
  const found: Token[] = [];
  for (let at = skipped(filter, 0); at < filter.length;) {
    const [token, end] = tokenAt(filter, at);
    found.push(token);
    at = skipped(filter, end);
  }
  return [...found, { kind: 'end', text: '' }];
}

function skipped(filter: string, from: number): number {
  let at = from;
  while (/\s/.test(filter[at] ?? '')) at += 1;
  return at;
}

function tokenAt(filter: string, at: number): [Token, number] {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const match = pattern.exec(filter);
    if (!match) continue;
    const text = kind === 'quoted' && match[0].startsWith("'") ? (match[1] ?? '').replaceAll("''", "'") : match[1];
    return [{ kind, text: text ?? match[0] }, pattern.lastIndex];
  }
  throw invalid(`Invalid clause(s) in filter string: ${filter.slice(at, at + 40)}`);
}
