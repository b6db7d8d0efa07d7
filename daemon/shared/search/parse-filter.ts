import { readLiteral, type Literal } from './literal.ts';
import { tokensOf, unreadable, type Token } from './filter-tokens.ts';

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~' | '!~';

/** A filter as a tree. `at` is the place of a name in the text. */
export type Filter =
  | { kind: 'and'; parts: Filter[] }
  | { kind: 'or'; parts: Filter[] }
  | { kind: 'not'; part: Filter }
  | { kind: 'compare'; name: string; at: number; operator: Operator; value: Literal }
  | { kind: 'in'; name: string; at: number; values: Literal[] }
  | { kind: 'known'; name: string; at: number };

const maxComparisons = 100;
const maxDepth = 50;

const operators: Readonly<Record<string, Operator>> = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  '~': '~',
  '!~': '!~',
};
const keywords = new Set(['and', 'or', 'not', 'in', 'is', 'null']);

/**
 * Reads a filter. An empty one matches everything. Throws `SearchError`, which names the place.
 *
 *     filter     = all { "or" all }
 *     all        = one { "and" one }
 *     one        = "not" one | "(" filter ")" | comparison
 *     comparison = name operator value | name ["not"] "in" "(" value { "," value } ")" | name "is" ["not"] "null"
 *     operator   = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~"
 */
export function parseFilter(text: string): Filter {
  const reader = new Reader(tokensOf(text));
  if (reader.isEnd()) return { kind: 'and', parts: [] };
  const filter = anyOf(reader, 0);
  if (!reader.isEnd()) throw reader.wrong('Join comparisons with "and" or "or".');
  return filter;
}

class Reader {
  comparisons = 0;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get next(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)]!;
  }

  take(): Token {
    const token = this.next;
    this.#at += 1;
    return token;
  }

  isEnd(): boolean {
    return this.next.kind === 'end';
  }

  isWord(text: string): boolean {
    return this.next.kind === 'word' && this.next.text.toLowerCase() === text;
  }

  takeWord(text: string): boolean {
    const is = this.isWord(text);
    if (is) this.#at += 1;
    return is;
  }

  takeSign(text: string): boolean {
    const is = this.next.kind === 'sign' && this.next.text === text;
    if (is) this.#at += 1;
    return is;
  }

  wrong(expected: string): Error {
    const { kind, text, at } = this.next;
    return unreadable(at, `${kind === 'end' ? 'It ends too early' : `"${text}" is not expected here`}. ${expected}`);
  }
}

function anyOf(reader: Reader, depth: number): Filter {
  if (depth > maxDepth) throw reader.wrong(`A filter is nested at most ${maxDepth} levels deep.`);
  const parts = [allOf(reader, depth)];
  while (reader.takeWord('or')) parts.push(allOf(reader, depth));
  return parts.length === 1 ? parts[0]! : { kind: 'or', parts };
}

function allOf(reader: Reader, depth: number): Filter {
  const parts = [one(reader, depth)];
  while (reader.takeWord('and')) parts.push(one(reader, depth));
  return parts.length === 1 ? parts[0]! : { kind: 'and', parts };
}

function one(reader: Reader, depth: number): Filter {
  if (depth > maxDepth) throw reader.wrong(`A filter is nested at most ${maxDepth} levels deep.`);
  if (reader.takeWord('not')) return { kind: 'not', part: one(reader, depth + 1) };
  if (!reader.takeSign('(')) return comparison(reader);
  const inner = anyOf(reader, depth + 1);
  if (!reader.takeSign(')')) throw reader.wrong('Close the parenthesis with ")".');
  return inner;
}

function comparison(reader: Reader): Filter {
  reader.comparisons += 1;
  if (reader.comparisons > maxComparisons) throw reader.wrong(`A filter has at most ${maxComparisons} comparisons.`);
  const { name, at } = nameIn(reader);
  const { kind, text } = reader.next;
  const operator = kind === 'sign' ? operators[text] : undefined;
  if (operator !== undefined) {
    reader.take();
    return { kind: 'compare', name, at, operator, value: literal(reader) };
  }
  if (reader.takeWord('in')) return { kind: 'in', name, at, values: list(reader) };
  if (reader.takeWord('is')) return known(reader, name, at);
  if (reader.takeWord('not')) {
    if (!reader.takeWord('in')) throw reader.wrong('Write: name not in (value, value).');
    return { kind: 'not', part: { kind: 'in', name, at, values: list(reader) } };
  }
  throw reader.wrong(`Write an operator after "${name}", such as = != < <= > >= ~ in.`);
}

/** Reads the rest of `name is null` or `name is not null`. */
function known(reader: Reader, name: string, at: number): Filter {
  const isKnown = reader.takeWord('not');
  if (!reader.takeWord('null')) throw reader.wrong('Write: name is null, or: name is not null.');
  const filter: Filter = { kind: 'known', name, at };
  return isKnown ? filter : { kind: 'not', part: filter };
}

function nameIn(reader: Reader): { name: string; at: number } {
  const { kind, text, at } = reader.next;
  const isKeyword = kind === 'word' && keywords.has(text.toLowerCase());
  if (isKeyword || (kind !== 'word' && kind !== 'name') || text === '')
    throw reader.wrong('Begin a comparison with a name, such as val_auc, lr, stage or tags.team.');
  reader.take();
  return { name: text, at };
}

function literal(reader: Reader): Literal {
  const { kind, text, at } = reader.next;
  if (kind !== 'word' && kind !== 'text') throw reader.wrong("Write a value, such as 0.9, production or 'two words'.");
  reader.take();
  return kind === 'text' ? { text, number: null, at } : readLiteral(text, at);
}

function list(reader: Reader): Literal[] {
  if (!reader.takeSign('(')) throw reader.wrong('Write the values in parentheses: name in (value, value).');
  const values = [literal(reader)];
  while (reader.takeSign(',')) values.push(literal(reader));
  if (!reader.takeSign(')')) throw reader.wrong('Separate values with "," and close them with ")".');
  return values;
}
