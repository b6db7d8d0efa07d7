import type { Operator } from '../../../db/search.ts';
import { invalid } from '../error-handler.ts';
import { tokens, type Token } from './tokens.ts';

/** One comparison as written; `fields.ts` interprets its names. */
export interface Comparison {
  /** Part before the first dot; undefined for none. */
  entity: string | undefined;
  key: string;
  operator: Operator;
  value: Value;
}

export type Value =
  { kind: 'text' | 'number' | 'word'; text: string } | { kind: 'list'; items: string[] } | { kind: 'none' };

const maxTerms = 64;
const maxItems = 10_000;

/**
 * Reads a filter: comparisons joined by AND. LL(1): every step is decided by the next token alone.
 *
 *     filter     = [ comparison { "AND" comparison } ]
 *     comparison = key operator
 *     key        = part { "." part }
 *     operator   = ("=" | "!=" | "<" …) value | ("LIKE" | "ILIKE") value | ["NOT"] "IN" list | "IS" ["NOT"] "NULL"
 */
export function parseFilter(filter: string): Comparison[] {
  const reader = new Reader(tokens(filter));
  const found: Comparison[] = [];
  if (reader.isEnd()) return found;
  do {
    found.push(comparison(reader));
    if (found.length > maxTerms) throw invalid(`a filter has at most ${maxTerms} comparisons`);
  } while (reader.takeWord('AND'));
  if (!reader.isEnd()) throw reader.wrong();
  return found;
}

/** Parses the key of an order clause: `metrics.loss`, `` params.`my key` ``, `name`. */
export function parseKey(text: string): Pick<Comparison, 'entity' | 'key'> {
  const reader = new Reader(tokens(text));
  const found = key(reader);
  if (!reader.isEnd()) throw reader.wrong();
  return found;
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(found: readonly Token[]) {
    this.#tokens = found;
  }

  get next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '' };
  }

  take(): Token {
    const token = this.next;
    this.#at += 1;
    return token;
  }

  isEnd(): boolean {
    return this.next.kind === 'end';
  }

  isSign(text: string): boolean {
    return this.next.kind === 'sign' && this.next.text === text;
  }

  isWord(text: string): boolean {
    return this.next.kind === 'word' && this.next.text.toUpperCase() === text;
  }

  takeWord(text: string): boolean {
    const is = this.isWord(text);
    if (is) this.#at += 1;
    return is;
  }

  wrong(): Error {
    return invalid(`Invalid clause(s) in filter string: ${this.next.text || 'it ends too early'}`);
  }
}

function comparison(reader: Reader): Comparison {
  const field = key(reader);
  const { kind, text } = reader.next;
  if (kind === 'sign' && /^(!=|<>|[<>]=?|=)$/.test(text)) {
    reader.take();
    return { ...field, operator: (text === '<>' ? '!=' : text) as Operator, value: value(reader) };
  }
  if (reader.takeWord('LIKE')) return { ...field, operator: 'LIKE', value: value(reader) };
  if (reader.takeWord('ILIKE')) return { ...field, operator: 'ILIKE', value: value(reader) };
  if (reader.takeWord('IN')) return { ...field, operator: 'IN', value: items(reader) };
  if (reader.takeWord('NOT')) {
    if (!reader.takeWord('IN')) throw reader.wrong();
    return { ...field, operator: 'NOT IN', value: items(reader) };
  }
  if (!reader.takeWord('IS')) throw reader.wrong();
  const operator = reader.takeWord('NOT') ? 'IS NOT NULL' : 'IS NULL';
  if (!reader.takeWord('NULL')) throw reader.wrong();
  return { ...field, operator, value: { kind: 'none' } };
}

/** Parses `entity.key` or `key`. A quoted part may contain anything. */
function key(reader: Reader): Pick<Comparison, 'entity' | 'key'> {
  const first = part(reader);
  if (!reader.isSign('.')) return { entity: undefined, key: first };
  reader.take();
  let rest = part(reader);
  while (reader.next.kind === 'sign' && /^[.:/-]$/.test(reader.next.text)) rest += reader.take().text + part(reader);
  return { entity: first, key: rest };
}

function part(reader: Reader): string {
  const { kind, text } = reader.next;
  if (kind !== 'word' && kind !== 'name' && kind !== 'quoted' && !(kind === 'number' && /^\d+$/.test(text)))
    throw reader.wrong();
  return reader.take().text;
}

function value(reader: Reader): Value {
  const { kind, text } = reader.next;
  if (kind === 'quoted') return { kind: 'text', text: reader.take().text };
  if (kind === 'number') return { kind: 'number', text: reader.take().text };
  if (kind !== 'word' && kind !== 'name') throw reader.wrong();
  reader.take();
  return { kind: 'word', text };
}

const illFormed =
  'While parsing a list in the query, expected a non-empty list of string values, but got ill-formed list';

function items(reader: Reader): Value {
  if (!reader.isSign('(')) throw reader.wrong();
  reader.take();
  const found: string[] = [];
  if (reader.isSign(')'))
    throw invalid('While parsing a list in the query, expected a non-empty list of string values, but got empty list');
  for (;;) {
    found.push(item(reader));
    if (found.length > maxItems) throw invalid(`A list in a filter has at most ${maxItems} items.`);
    if (reader.isSign(')')) break;
    if (!reader.isSign(',')) throw invalid(illFormed);
    reader.take();
    if (reader.isSign(')') && found.length === 1) break;
  }
  reader.take();
  return { kind: 'list', items: found };
}

function item(reader: Reader): string {
  const { kind } = reader.next;
  if (kind === 'quoted') return reader.take().text;
  if (kind === 'sign' || kind === 'end') throw invalid(illFormed);
  throw invalid(
    'While parsing a list in the query, expected string value, punctuation, or whitespace, but got different type in list',
  );
}
