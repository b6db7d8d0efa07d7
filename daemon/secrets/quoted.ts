import type { Suspicion } from './names.ts';
import type { Reading } from './reading.ts';
import type { Span } from './span.ts';
import { isSecret } from './values.ts';

/** Parts of a value to remove, and the offset at which the search continues. */
export interface Found {
  spans: Span[];
  next: number;
}

const maxBlockLength = 20_000;

/** Finds a secret in `"""…"""`. An unclosed one is removed up to its longest length. */
export function tripleQuoted(text: string, at: number, suspicion: Suspicion): Found {
  const mark = text.slice(at, at + 3);
  const close = text.indexOf(mark, at + 3);
  const end = close === -1 ? Math.min(text.length, at + 3 + maxBlockLength) : close;
  const value = text.slice(at + 3, Math.min(end, at + 5000)).trim();
  const spans = isSecret(value, suspicion) ? [{ start: at + 3, end }] : [];
  return { spans, next: spans.length > 0 ? end : at + 3 };
}

/**
 * Finds secrets in a quoted text up to its closing quote, at most to `end`, and in further texts that are concatenated to it. An
 * unclosed one is removed up to `end`.
 */
export function quoted(text: string, at: number, end: number, suspicion: Suspicion): Found {
  const spans: Span[] = [];
  let next = at;
  const limit = suspicion === 'perhaps' ? Math.min(end, at + 512) : end;
  for (let begin: number | undefined = at; begin !== undefined;) {
    const open: string = text[begin] === '\\' ? text.slice(begin, begin + 2) : text[begin]!;
    const start: number = begin + open.length;
    const close = closeOf(text, start, limit, open);
    const value = text.slice(start, close);
    if (isSecret(value, suspicion)) {
      spans.push({ start, end: close });
      next = close + open.length;
    } else if (spans.length === 0) return { spans, next: start };
    const joined: RegExpExecArray | null = /^[ \t]*(?:\+[ \t]*)?(?=\\?["'`])|^(?=\w)/.exec(
      text.slice(close + open.length, Math.min(limit, close + 40)),
    );
    begin = joined && close < limit ? close + open.length + joined[0].length : undefined;
    if (begin !== undefined && /\w/.test(text[begin]!)) {
      const rest = /^[^\s"'`]+/.exec(text.slice(begin, limit))?.[0].length ?? 0;
      spans.push({ start: begin, end: begin + rest });
      return { spans, next: begin + rest };
    }
  }
  return { spans, next };
}

/** Returns the offset of the closing quote: the next one that is neither escaped nor doubled; `end` for none. */
function closeOf(text: string, start: number, end: number, open: string): number {
  const line = text.slice(start, end);
  for (let at = line.indexOf(open); at !== -1; at = line.indexOf(open, at + 1)) {
    if (open.length === 2) {
      if (line[at - 1] !== '\\') return start + at;
      continue;
    }
    let slashes = 0;
    while (line[at - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 1) continue;
    if (at > 0 && line[at + 1] === open) at += 1;
    else return start + at;
  }
  return end;
}

/** Finds secrets in every quoted text from here to the end of the line: arguments of a call, and defaults. */
export function literals(text: string, at: number, end: number, suspicion: Suspicion): Found {
  const spans: Span[] = [];
  for (const match of text.slice(at, Math.min(end, at + 2000)).matchAll(/(\\?["'`])((?:(?!\1)[^\n])*)\1/g)) {
    const start = at + match.index + match[1]!.length;
    if (isSecret(match[2]!, suspicion)) spans.push({ start, end: start + match[2]!.length });
  }
  const next = spans.at(-1)?.end;
  return { spans, next: next === undefined ? at + 1 : next + 1 };
}

const maxBracketLength = 4000;

/** Finds secrets in a bracket that opens here: `["…", "…"]`, `{"db": "…"}`, `("name", "…")`; undefined if it is not closed. */
export function bracketed(reading: Reading, at: number, suspicion: Suspicion): Found | undefined {
  const { text } = reading;
  if (reading.brackets <= 0) return undefined;
  const part = text.slice(at, at + maxBracketLength);
  const length = lengthOfBracket(part);
  reading.brackets -= length ?? part.length;
  if (length === undefined) return undefined;
  const inside = part.slice(1, length - 1);
  if (isReference(part.slice(0, length))) return { spans: [], next: at + length };
  const spans: Span[] = [];
  for (const match of inside.matchAll(/(\\?["'`])((?:(?!\1)[^\n])*)\1/g)) {
    const isKey = /^\s*:/.test(inside.slice(match.index + match[0].length, match.index + match[0].length + 5));
    const start = at + 1 + match.index + match[1]!.length;
    if (!isKey && isSecret(match[2]!, suspicion)) spans.push({ start, end: start + match[2]!.length });
  }
  if (spans.length === 0 && suspicion === 'secret' && !/["'`]/.test(inside) && isSecret(inside.trim(), suspicion))
    spans.push({ start: at + 1, end: at + length - 1 });
  return { spans, next: spans.at(-1)?.end ?? at + 1 };
}

function isReference(part: string): boolean {
  return /^\{\{[\w.| ]+\}\}$/.test(part);
}

function lengthOfBracket(part: string): number | undefined {
  let depth = 0;
  let quote = '';
  for (let at = 0; at < part.length; at += 1) {
    const letter = part[at]!;
    if (quote !== '') quote = letter === quote || letter === '\n' ? '' : quote;
    else if (/["'`]/.test(letter)) quote = letter;
    else if (/[[({]/.test(letter)) depth += 1;
    else if (/[\])}]/.test(letter) && --depth === 0) return at + 1;
  }
  return undefined;
}
