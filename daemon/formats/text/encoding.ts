import { sourceOf, type Source } from '../source.ts';

/** A UTF-16 file is decoded at once, so it must fit in memory. */
const maxUtf16Bytes = 32 * 1024 * 1024;

export interface Decoded<T> {
  text: T;
  /** One sentence, when characters may not be what the writer meant. */
  problem?: string;
}

/**
 * Returns the same text as UTF-8. UTF-16, which `>` of Windows PowerShell writes, is recognized by its mark or by zero bytes in
 * its first characters. Anything else stays as it is.
 */
export function utf8Source(source: Source): Decoded<Source> {
  const encoding = utf16Of(source.read(0, 4));
  if (encoding === undefined) return { text: source };
  if (source.size > maxUtf16Bytes)
    return {
      text: sourceOf(new Uint8Array()),
      problem: `it is UTF-16 of ${source.size} bytes, more than the ${maxUtf16Bytes} that are read`,
    };
  // Half a character at the end is still being written.
  const whole = source.read(0, source.size - (source.size % 2));
  return { text: sourceOf(new TextEncoder().encode(new TextDecoder(encoding).decode(whole))) };
}

function utf16Of([a, b, c, d]: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
  if (a !== 0 && b === 0 && c !== 0 && d === 0) return 'utf-16le';
  return a === 0 && b !== 0 && c === 0 && d !== 0 ? 'utf-16be' : undefined;
}

/** Decodes bytes as UTF-8, or as Windows-1252 when they are not valid UTF-8; there every byte is a character. */
export function decodeText(bytes: Uint8Array): Decoded<string> {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    const text = new TextDecoder('windows-1252').decode(bytes);
    return { text, problem: 'it is not UTF-8; its letters beyond ASCII are read as those of Windows-1252' };
  }
}
