import type { Json } from '../../protocol/json.ts';
import { FormatError } from '../source.ts';

const quoteByte = 0x22;
const backslash = 0x5c;
const maxDepth = 128;

/**
 * Parses JSON (RFC 8259) as Python writes it: the bare words NaN, Infinity and -Infinity are accepted and become strings of the
 * same spelling. Refuses nesting deeper than 128 before it builds anything. Throws FormatError: `truncated` when the text ends
 * inside a value, otherwise `malformed`.
 */
export function parseJson(text: string): Json {
  const open = openDepth(text);
  if (open === undefined) throw new FormatError('malformed', `The JSON is nested deeper than ${maxDepth} levels.`);
  try {
    return JSON.parse(text) as Json;
  } catch {
    // Only text that contains such words is copied.
  }
  try {
    return JSON.parse(quoteNonFinite(text)) as Json;
  } catch (error) {
    if (open > 0 || text.trim() === '') throw new FormatError('truncated', 'The JSON ends inside a value.');
    throw new FormatError('malformed', `This is not JSON: ${(error as Error).message.slice(0, 120)}`);
  }
}

/** Returns the number of brackets and strings still open at the end of the text; undefined when it is nested too deeply. */
function openDepth(text: string): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quoteByte) {
      at = endOfString(text, at);
      if (at < 0) return depth + 1;
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > maxDepth) return undefined;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return depth;
}

/** Returns the index of the quote that closes the string opened at `start`; -1 when there is none. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

function quoteNonFinite(text: string): string {
  const word = /"|-?\bInfinity\b|\bNaN\b/g;
  const parts: string[] = [];
  let from = 0;
  for (let match = word.exec(text); match; match = word.exec(text)) {
    if (match[0] === '"') {
      const end = endOfString(text, match.index);
      if (end < 0) break;
      word.lastIndex = end + 1;
    } else {
      parts.push(text.slice(from, match.index), `"${match[0]}"`);
      from = word.lastIndex;
    }
  }
  return parts.join('') + text.slice(from);
}
