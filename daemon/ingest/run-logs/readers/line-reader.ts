import type { Source } from '../../../formats/source.ts';
import type { Resume } from '../types.ts';

/** Small, so that what is made of a block is gone before the next one is read. */
const blockBytes = 32 * 1024;
/** A line of more than this is passed over. */
const maxTextBytes = 1024 * 1024;
const newlineByte = 0x0a;
/** No line of a run log is longer: a file without an end to its line is not searched to its end. */
const maxLineBytes = 64 * blockBytes;

/** Complete lines of a file, as one text that ends with a newline. */
export interface Lines {
  text: string;
  /** Offset of the first byte after them. */
  end: number;
}

/**
 * The complete lines from `offset` on, in small blocks; a torn last line is not among them. A line longer than
 * 1 MiB is passed over: it comes as an empty text.
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

/** A block that ends a line where one within the limit does. */
function blockWithEnd(source: Source, at: number): Uint8Array {
  const block = source.read(at, blockBytes);
  if (block.length < blockBytes || block.includes(newlineByte)) return block;
  return source.read(at, maxTextBytes);
}

const shortBytes = 8 * 1024;

/** The beginning of a file with so many lines and something behind them; readers ask for it at every call, so mostly little is read. */
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

/** True where the file can still be the one that was read to `resume`: long enough, and a line ends there or just behind it. */
export function goesOn(source: Source, resume: Resume | undefined): resume is Resume {
  if (!resume || resume.offset < 0 || resume.offset > source.size) return false;
  if (resume.offset === 0 || resume.offset === source.size) return true;
  return source.read(resume.offset - 1, 2).includes(newlineByte);
}
