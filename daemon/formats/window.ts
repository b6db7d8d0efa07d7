import { FormatError, sourceOf, type Source } from './source.ts';

const defaultBytes = 16 * 1024;
const maxText = 1 << 20;

/**
 * A moving window over a source. Reads single bytes and numbers at any offset, with few reads and bounded memory. Every access
 * past the end throws FormatError `truncated`.
 */
export class ByteWindow {
  readonly size: number;
  private readonly source: Source;
  private readonly windowBytes: number;
  private start = 0;
  private bytes: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(new ArrayBuffer(0));

  constructor(source: Source, windowBytes = defaultBytes) {
    this.source = source;
    this.size = source.size;
    this.windowBytes = windowBytes;
  }

  /** Makes a window over all of `bytes`. */
  static over(bytes: Uint8Array): ByteWindow {
    const window = new ByteWindow(sourceOf(bytes), Math.max(8, bytes.length));
    window.bytes = bytes;
    window.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return window;
  }

  byte(offset: number): number {
    const byte = this.bytes[offset - this.start];
    if (byte !== undefined) return byte;
    const at = this.at(offset, 1);
    return this.bytes[at] ?? 0;
  }

  int8(offset: number): number {
    return (this.byte(offset) << 24) >> 24;
  }

  int16(offset: number, littleEndian: boolean): number {
    const at = this.at(offset, 2);
    return this.view.getInt16(at, littleEndian);
  }

  int32(offset: number, littleEndian: boolean): number {
    const at = this.at(offset, 4);
    return this.view.getInt32(at, littleEndian);
  }

  /** Reads it as a number, which is inexact past 2^53. */
  int64(offset: number, littleEndian: boolean): number {
    const at = this.at(offset, 8);
    return Number(this.view.getBigInt64(at, littleEndian));
  }

  float32(offset: number, littleEndian: boolean): number {
    const at = this.at(offset, 4);
    return this.view.getFloat32(at, littleEndian);
  }

  float64(offset: number, littleEndian: boolean): number {
    const at = this.at(offset, 8);
    return this.view.getFloat64(at, littleEndian);
  }

  /** Returns UTF-8 text of `length` bytes; invalid sequences become U+FFFD. Text longer than 1 MiB is `malformed`, since no name is that long. */
  text(offset: number, length: number): string {
    if (length > maxText) throw new FormatError('malformed', 'A name is longer than 1 MiB.');
    if (length <= this.windowBytes) {
      const at = length === 0 ? 0 : this.at(offset, length);
      return decode(this.bytes.subarray(at, at + length));
    }
    this.need(offset, length);
    return decode(this.source.read(offset, length));
  }

  private need(offset: number, length: number): void {
    if (offset < 0 || !(offset + length <= this.size)) {
      throw new FormatError('truncated', `The file ends before byte ${offset + length}.`);
    }
  }

  /** Returns the position in the window of `length` bytes from `offset`. Moves the window there when it has to. */
  private at(offset: number, length: number): number {
    const at = offset - this.start;
    if (at >= 0 && at + length <= this.bytes.length) return at;
    this.need(offset, length);
    this.bytes = this.source.read(offset, this.windowBytes);
    this.start = offset;
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    if (this.bytes.length < length) throw new FormatError('truncated', `The file ends before byte ${offset + length}.`);
    return 0;
  }
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
