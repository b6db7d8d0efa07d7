import { crc32 } from 'node:zlib';
import type { Source } from '../source.ts';

/** Bytes of a block, counted from the start of the file. No part of a record crosses from one block into the next. */
const blockBytes = 32 * 1024;
const readBytes = 64 * blockBytes;
const header = 7;
/** Larger records are files or pictures, and are skipped. */
const maxRecord = 32 * 1024 * 1024;

const full = 1;
const first = 2;
const lastFragment = 4;

/** One item of the log. `end` is the offset after it. A record's content is `bytes[from, to)`. */
export type Logged =
  | { kind: 'record'; bytes: Uint8Array; from: number; to: number; end: number }
  /** Damaged, out of order or larger than 32 MiB. Reading continues after it. */
  | { kind: 'bad'; at: number; end: number };

/** A record, or a piece of one. Its content is `bytes[from, to)`. */
interface Part {
  kind: 'part';
  type: number;
  at: number;
  bytes: Uint8Array;
  from: number;
  to: number;
  end: number;
}

type Placed = Part | { kind: 'bad'; at: number; end: number } | { kind: 'padding'; end: number };

/** A record of which some pieces have been read. */
interface Begun {
  at: number;
  size: number;
  pieces: Uint8Array[];
}

/**
 * Yields the records of a LevelDB log from `offset`, as W&B writes it: in blocks of 32 KiB, parts of { uint32 checksum (LE) of
 * type and data, uint16 length (LE), uint8 type, data }. W&B's checksum is zip's CRC-32, not LevelDB's masked CRC-32C. An
 * incomplete record at the end is left out; a later call reads it from the `end` of the last complete one. Throws nothing.
 * Source: google/leveldb doc/log_format.md, wandb/sdk/internal/datastore.py.
 */
export function* readLog(source: Source, offset: number): Generator<Logged> {
  let begun: Begun | undefined;
  for (const part of partsOf(source, offset)) {
    if (part.kind === 'bad') {
      begun = undefined;
      yield part;
      continue;
    }
    const continues = part.type !== full && part.type !== first;
    if (begun && !continues) yield { kind: 'bad', at: begun.at, end: part.at };
    if (!begun && continues) yield { kind: 'bad', at: part.at, end: part.end };
    if (part.type === full) yield { kind: 'record', bytes: part.bytes, from: part.from, to: part.to, end: part.end };
    begun = part.type === full ? undefined : withPiece(continues ? begun : beginning(part), part);
    if (begun && part.type === lastFragment) yield joined(begun, part.end);
    if (part.type === lastFragment) begun = undefined;
  }
}

function beginning({ at }: Part): Begun {
  return { at, size: 0, pieces: [] };
}

function withPiece(begun: Begun | undefined, { bytes, from, to }: Part): Begun | undefined {
  if (!begun) return undefined;
  const size = begun.size + to - from;
  if (size > maxRecord) return { at: begun.at, size, pieces: [] };
  begun.pieces.push(bytes.subarray(from, to));
  return { ...begun, size };
}

function joined({ at, size, pieces }: Begun, end: number): Logged {
  if (size > maxRecord) return { kind: 'bad', at, end };
  const bytes = Buffer.concat(pieces);
  return { kind: 'record', bytes, from: 0, to: bytes.length, end };
}

function* partsOf(source: Source, offset: number): Generator<Exclude<Placed, { kind: 'padding' }>> {
  for (let at = offset; at < source.size;) {
    const base = at;
    const bytes = source.read(base, readBytes - (base % blockBytes));
    if (bytes.length === 0) return;
    while (at < base + bytes.length) {
      const placed = placedAt(bytes, base, at);
      if (!placed || placed.end > source.size) return;
      if (placed.kind !== 'padding') yield placed;
      at = placed.end;
    }
  }
}

/** Returns the part at `at`; undefined when the bytes end before it does. */
function placedAt(bytes: Uint8Array, base: number, at: number): Placed | undefined {
  const room = blockBytes - (at % blockBytes);
  if (room < header) return { kind: 'padding', end: at + room };
  const start = at - base;
  const from = start + header;
  if (from > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, header);
  const length = view.getUint16(4, true);
  const type = view.getUint8(6);
  if (type === 0 && length === 0) return { kind: 'padding', end: at + room };
  if (header + length > room) return { kind: 'bad', at, end: at + room };
  const to = from + length;
  if (to > bytes.length) return undefined;
  const end = at + header + length;
  const holds = view.getUint32(0, true) === crc32(bytes.subarray(from - 1, to)) && type >= full && type <= lastFragment;
  return holds ? { kind: 'part', type, at, bytes, from, to, end } : { kind: 'bad', at, end };
}
