import { FormatError } from '../source.ts';
import type { ByteWindow } from '../window.ts';

/** Called for each field of a message. `start` and `end` depend on the wire type (see Wire). */
export type OnField = (field: number, wire: Wire, start: number, end: number) => void;

/** 0: `start` is the varint's value, inexact past 2^53. 1 and 5: `start` is the offset of 8 or 4 bytes. 2: `[start, end)` are offsets. */
export type Wire = 0 | 1 | 2 | 5;

/**
 * Visits the fields of one message in `[start, end)`. Copies nothing, and reads a length-delimited field only if the callback
 * does. Source: Protocol Buffers Encoding. Throws FormatError: `truncated` when a field runs past the end of the file,
 * `malformed` when it runs past `end`, has field number 0 or an unknown wire type (groups are unknown).
 */
export function walkMessage(bytes: ByteWindow, start: number, end: number, onField: OnField): void {
  let at = start;
  while (at < end) {
    const key = readVarint(bytes, at);
    at += varintLength(bytes, at);
    const field = Math.floor(key / 8);
    const wire = key % 8;
    if (field < 1 || field > 0x1fffffff)
      throw new FormatError('malformed', `There is no field ${field} (at byte ${at}).`);
    if (wire === 0) {
      const value = readVarint(bytes, at);
      at += varintLength(bytes, at);
      onField(field, wire, value, at);
    } else if (wire === 1 || wire === 5) {
      const next = at + (wire === 1 ? 8 : 4);
      within(bytes, next, end);
      onField(field, wire, at, next);
      at = next;
    } else if (wire === 2) {
      const length = readVarint(bytes, at);
      const content = at + varintLength(bytes, at);
      within(bytes, content + length, end);
      onField(field, wire, content, content + length);
      at = content + length;
    } else throw new FormatError('malformed', `Wire type ${wire} is unknown (at byte ${at}).`);
  }
  within(bytes, at, end);
}

function within(bytes: ByteWindow, next: number, end: number): void {
  if (!(next <= bytes.size)) throw new FormatError('truncated', `A field ends at byte ${next}, after the file.`);
  if (next > end) throw new FormatError('malformed', `A field ends at byte ${next}, after its message.`);
}

/** Reads the varint at `at`; a negative int64 becomes a negative number. */
function readVarint(bytes: ByteWindow, at: number): number {
  let value = 0;
  let scale = 1;
  for (let index = 0; index < 9; index++) {
    const byte = bytes.byte(at + index);
    value += (byte & 127) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
  return readLongVarint(bytes, at);
}

/** Reads a varint of ten bytes. The sign bit is set, and only integers of 64 bits represent it exactly. */
function readLongVarint(bytes: ByteWindow, at: number): number {
  let value = 0n;
  for (let index = 0n; index < 10n; index++) value |= BigInt(bytes.byte(at + Number(index)) & 127) << (index * 7n);
  if (bytes.byte(at + 9) > 1) throw new FormatError('malformed', `A number is longer than 64 bits (at byte ${at}).`);
  return Number(BigInt.asIntN(64, value));
}

function varintLength(bytes: ByteWindow, at: number): number {
  let length = 1;
  while (bytes.byte(at + length - 1) >= 128) length++;
  return length;
}
