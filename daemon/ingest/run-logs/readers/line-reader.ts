import type { Source } from '../../../formats/source.ts';
import type { Resume } from '../types.ts';

/** Block size. Small, so that the memory for one block is free before the next is read. */
const blockBytes = 32 * 1024;
/** A longer line is skipped. */
const maxTextBytes = 1024 * 1024;
const newlineByte = 0x0a;
/** Longest search for the end of a line. */
const maxLineBytes = 64 * blockBytes;

/** Complete lines of a file, as one text that ends with a newline. */
export interface Lines {
  text: string;
  /** Offset of the first byte after them. */
  end: number;
}

/**
 * Yields the complete lines from `offset` on, in small blocks, without an unfinished last line. A line longer than 1 MiB is
 * skipped and comes as an empty text.
 */
export function* completeLines(source: Source, offset: number): Generator<Lines> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: offset > 0 });
  for (let at = offset; at < source.size;) {
    const block = blockWithEnd(source, at);
    const last = block.lastIndexOf(newlineByte);
    if (last >= 0) {
      yield { text: decoder.decode(block.subarray(0, last + 1)), end: at + last + 1 };
      at += last + 1;
      continue;
    }
    const end = block.length < maxTextBytes ? undefined : endOfLine(source, at + block.length);
    if (end === undefined) return;
    yield { text: '', end };
    at = end;
  }
}

/** Returns a block that contains the end of a line, if one lies within the limit. */
function blockWithEnd(source: Source, at: number): Uint8Array {
  const block = source.read(at, blockBytes);
  if (block.length < blockBytes || block.includes(newlineByte)) return block;
  return source.read(at, maxTextBytes);
}

const shortBytes = 8 * 1024;

/** Returns the beginning of a file with so many lines. Readers call it each time, so it reads little first. */
export function firstLines(source: Source, lines: number, maxBytes: number): Buffer {
  const short = Buffer.from(source.read(0, shortBytes));
  let end = 0;
  for (let found = 0; found < lines; found++) {
    const at = short.indexOf(newlineByte, end);
    if (at < 0) return Buffer.from(source.read(0, maxBytes));
    end = at + 1;
  }
  return end < short.length || short.length < shortBytes ? short : Buffer.from(source.read(0, maxBytes));
}

function endOfLine(source: Source, offset: number): number | undefined {
  const most = Math.min(source.size, offset + maxLineBytes);
  for (let at = offset; at < most; at += blockBytes) {
    const block = source.read(at, blockBytes);
    const found = block.indexOf(newlineByte);
    if (found >= 0) return at + found + 1;
    if (block.length === 0) return undefined;
  }
  return undefined;
}

/** True if the file may still be the one that was read to `resume`: it is long enough, and a line ends there. */
export function goesOn(source: Source, resume: Resume | undefined): resume is Resume {
  if (!resume || resume.offset < 0 || resume.offset > source.size) return false;
  if (resume.offset === 0 || resume.offset === source.size) return true;
  return source.read(resume.offset - 1, 2).includes(newlineByte);
}
