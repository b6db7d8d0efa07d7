/** A part of a filter, with its place in the text, counted from 0. `name` is quoted with backticks, `text` with quotes. */
export interface Token {
  kind: 'word' | 'name' | 'text' | 'sign' | 'end';
  text: string;
  at: number;
}

/** A filter or sort order that cannot be read. The message is one sentence that names the place. */
export class SearchError extends Error {
  /** Place in the text, counted from 0. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.name = 'SearchError';
    this.at = at;
  }
}

export const maxFilterLength = 4096;

const quotes: Readonly<Record<string, Token['kind']>> = { "'": 'text', '"': 'text', '`': 'name' };
const signs = /^(?:<=|>=|!=|<>|==|!~|[<>=~(),])/;
/** A word: everything up to a blank, a quote or a sign. Names such as `val/auc`, `top-1` and `metrics.f1` are words. */
const word = /^[^\s<>=!~(),'"`]+/;

/** Splits a filter into tokens; the last one is the end. Takes time linear in the length. Throws `SearchError`. */
export function tokensOf(text: string): Token[] {
  if (text.length > maxFilterLength)
    throw new SearchError(`The filter is longer than ${maxFilterLength} characters.`, maxFilterLength);
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const blank = /^\s+/.exec(text.slice(at, at + 256))?.[0].length ?? 0;
    at += blank;
    if (blank > 0 || at >= text.length) continue;
    const quote = quotes[text[at] ?? ''];
    const token = quote === undefined ? plainToken(text, at) : { kind: quote, ...quotedPart(text, at) };
    found.push({ kind: token.kind, text: token.text, at });
    at += token.length;
  }
  return [...found, { kind: 'end', text: '', at: text.length }];
}

function plainToken(text: string, at: number): { kind: Token['kind']; text: string; length: number } {
  const rest = text.slice(at);
  const sign = signs.exec(rest)?.[0];
  if (sign !== undefined) return { kind: 'sign', text: sign, length: sign.length };
  const found = word.exec(rest)?.[0];
  if (found !== undefined) return { kind: 'word', text: found, length: found.length };
  throw unreadable(at, `"${rest[0]}" has no meaning here. Use "!=" for "not equal" and "not" for a negation.`);
}

/** Reads a quoted part. The quote itself is written twice inside. */
function quotedPart(text: string, start: number): { text: string; length: number } {
  const quote = text[start] ?? '';
  let content = '';
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] !== quote) content += text[at];
    else if (text[at + 1] === quote) {
      content += quote;
      at += 1;
    } else return { text: content, length: at + 1 - start };
  }
  throw unreadable(start, `The quote ${quote} is not closed.`);
}

/** Returns the error for a place in a filter. */
export function unreadable(at: number, reason: string): SearchError {
  return new SearchError(`Cannot read the filter at character ${at + 1}: ${reason}`, at);
}
