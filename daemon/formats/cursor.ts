import { FormatError } from './source.ts';
import type { Source } from './source.ts';

const windowBytes = 65_536;

/** Reads a source from front to back through a window of 64 KiB. Reading past the end throws FormatError `truncated`. */
export class Cursor {
  readonly source: Source;
  #window: Uint8Array = new Uint8Array(0);
  #windowOffset = 0;
  #at = 0;

  constructor(source: Source, offset: number) {
    this.source = source;
    this.#windowOffset = offset;
  }

  /** The offset in the source of the next byte. */
  get offset(): number {
    return this.#windowOffset + this.#at;
  }

  byte(): number {
    if (this.#at >= this.#window.length) this.#refill(1);
    return this.#window[this.#at++] as number;
  }

  /** Returns the next `count` bytes (at most 64 KiB). They are valid until the next call. */
  take(count: number): Uint8Array {
    if (this.#at + count > this.#window.length) this.#refill(count);
    const bytes = this.#window.subarray(this.#at, this.#at + count);
    this.#at += count;
    return bytes;
  }

  view(count: number): DataView {
    const bytes = this.take(count);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  skip(count: number): void {
    const target = this.offset + count;
    if (target > this.source.size) throw endOfFile();
    if (this.#at + count <= this.#window.length) {
      this.#at += count;
      return;
    }
    this.#windowOffset = target;
    this.#window = new Uint8Array(0);
    this.#at = 0;
  }

  /** Returns the bytes before the next newline, and skips the newline. A line longer than 64 KiB is malformed. */
  line(): Uint8Array {
    let end = this.#window.indexOf(10, this.#at);
    if (end < 0) {
      const rest = this.source.size - this.offset;
      this.#refill(Math.min(windowBytes, rest));
      end = this.#window.indexOf(10, this.#at);
      if (end < 0) throw rest < windowBytes ? endOfFile() : new FormatError('malformed', 'A line is too long.');
    }
    const bytes = this.#window.subarray(this.#at, end);
    this.#at = end + 1;
    return bytes;
  }

  #refill(count: number): void {
    const { offset } = this;
    if (offset + count > this.source.size || count < 0) throw endOfFile();
    this.#window = this.source.read(offset, Math.max(windowBytes, count));
    this.#windowOffset = offset;
    this.#at = 0;
    if (this.#window.length < count) throw endOfFile();
  }
}

function endOfFile(): FormatError {
  return new FormatError('truncated', 'The data ends too early.');
}
