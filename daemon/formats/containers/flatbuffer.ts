import { FormatError } from '../source.ts';
import type { ByteWindow } from '../window.ts';

/** A FlatBuffer in the bytes `[start, end)` of a file. Every offset that is followed must stay inside. */
export interface FlatBuffer {
  bytes: ByteWindow;
  start: number;
  end: number;
}

/** The offset of a vector's first item, and the number of items. */
export interface FlatVector {
  at: number;
  count: number;
}

/** Returns the offset of the root table. Source: FlatBuffers Internals. Throws FormatError, as all functions here do. */
export function rootTable(buffer: FlatBuffer): number {
  return follow(buffer, buffer.start);
}

/** Returns the offset of a table's field; undefined when the field is absent. */
export function fieldAt(buffer: FlatBuffer, table: number, index: number): number | undefined {
  const vtable = inside(buffer, table - buffer.bytes.int32(inside(buffer, table, 4), true), 4);
  const size = uint16(buffer, vtable);
  const slot = 4 + 2 * index;
  if (slot + 2 > size) return undefined;
  const offset = uint16(buffer, inside(buffer, vtable + slot, 2));
  return offset === 0 ? undefined : inside(buffer, table + offset, 4);
}

/** Returns a field that is an int32; undefined when it is absent. */
export function intField(buffer: FlatBuffer, table: number, index: number): number | undefined {
  const at = fieldAt(buffer, table, index);
  return at === undefined ? undefined : buffer.bytes.int32(at, true);
}

/** Returns the offset of a field that is a table; undefined when it is absent. */
export function tableField(buffer: FlatBuffer, table: number, index: number): number | undefined {
  const at = fieldAt(buffer, table, index);
  return at === undefined ? undefined : follow(buffer, at);
}

/** Returns a field that is a vector of items of `itemBytes`. An absent field is an empty vector. */
export function vectorField(buffer: FlatBuffer, table: number, index: number, itemBytes: number): FlatVector {
  const at = fieldAt(buffer, table, index);
  if (at === undefined) return { at: buffer.start, count: 0 };
  const vector = follow(buffer, at);
  const count = uint32(buffer, vector);
  inside(buffer, vector + 4, count * itemBytes);
  return { at: vector + 4, count };
}

/** Returns the offsets of the tables in a vector, at most `most` of them. */
export function tablesIn(buffer: FlatBuffer, vector: FlatVector, most: number): number[] {
  return Array.from({ length: Math.min(vector.count, most) }, (_, index) => follow(buffer, vector.at + 4 * index));
}

/** Returns a field that is a text; undefined when it is absent or has more than `most` bytes. */
export function textField(buffer: FlatBuffer, table: number, index: number, most: number): string | undefined {
  const at = fieldAt(buffer, table, index);
  if (at === undefined) return undefined;
  const text = follow(buffer, at);
  const length = uint32(buffer, text);
  inside(buffer, text + 4, length);
  return length > most ? undefined : buffer.bytes.text(text + 4, length);
}

function follow(buffer: FlatBuffer, at: number): number {
  return inside(buffer, at + uint32(buffer, inside(buffer, at, 4)), 4);
}

function uint16({ bytes }: FlatBuffer, at: number): number {
  return bytes.int16(at, true) & 0xffff;
}

function uint32({ bytes }: FlatBuffer, at: number): number {
  return bytes.int32(at, true) >>> 0;
}

function inside({ start, end }: FlatBuffer, at: number, length: number): number {
  if (at >= start && at + length <= end) return at;
  throw new FormatError('malformed', 'An offset leads out of the FlatBuffer.');
}
