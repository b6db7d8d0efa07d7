import { FormatError, type Source } from '../source.ts';

/** A block of the table: its offset and size, without its trailer of 5 bytes. */
interface Handle {
  offset: number;
  size: number;
}

interface Bytes {
  bytes: Uint8Array;
  at: number;
}

const footerBytes = 48;
const footerMagic = 0xdb4775248b80fb57n;
const maxBlock = 32 * 1024 * 1024;
const maxBytes = 256 * 1024 * 1024;
const maxEntries = 500_000;

/**
 * Reads a sorted table as LevelDB and TensorFlow write it, uncompressed, and calls `onEntry` with each key and value in the order
 * of the keys. A value is valid until `onEntry` returns. Source: leveldb, doc/table_format.md. Throws FormatError: `truncated`
 * when the footer is not there, `malformed` when the table contradicts itself, `unsupported` when its blocks are compressed or
 * past the bounds (32 MiB a block, 256 MiB or 500,000 blocks or entries in all).
 */
export function readSstable(source: Source, onEntry: (key: string, value: Uint8Array) => void): void {
  const footer = source.read(Math.max(0, source.size - footerBytes), footerBytes);
  const magic = footer.length === footerBytes && new DataView(footer.buffer, footer.byteOffset).getBigUint64(40, true);
  if (magic !== footerMagic) throw new FormatError('truncated', 'The table has no footer yet.');
  const reader = { bytes: footer, at: 0 };
  readHandle(reader);
  let entries = 0;
  let bytes = 0;
  const count = (size: number): void => {
    bytes += size;
    if (++entries > maxEntries || bytes > maxBytes)
      throw new FormatError('unsupported', 'The table is too large to read.');
  };
  walkBlock(readBlock(source, readHandle(reader)), (_, value) => {
    const block = readBlock(source, readHandle({ bytes: value, at: 0 }));
    count(block.length);
    walkBlock(block, (key, inner) => {
      count(0);
      onEntry(Buffer.from(key).toString('utf8'), inner);
    });
  });
}

function readBlock(source: Source, { offset, size }: Handle): Uint8Array {
  if (size > maxBlock) throw new FormatError('unsupported', 'A block of the table is too large to read.');
  const block = source.read(offset, size + 1);
  if (block.length !== size + 1 || size < 4) throw damaged();
  if (block[size] !== 0) throw new FormatError('unsupported', 'The table is compressed.');
  return block.subarray(0, size);
}

/** Visits the entries of a block. Each shares the beginning of its key with the one before. */
function walkBlock(block: Uint8Array, onEntry: (key: Uint8Array, value: Uint8Array) => void): void {
  const restarts = new DataView(block.buffer, block.byteOffset, block.length).getUint32(block.length - 4, true);
  const end = block.length - 4 - 4 * restarts;
  if (end < 0) throw damaged();
  const reader = { bytes: block.subarray(0, end), at: 0 };
  let key: Uint8Array = new Uint8Array(0);
  while (reader.at < end) {
    const shared = readVarint(reader);
    const own = readVarint(reader);
    const length = readVarint(reader);
    const value = reader.at + own;
    if (shared > key.length || value + length > end || own > 65_536) throw damaged();
    key = Buffer.concat([key.subarray(0, shared), block.subarray(reader.at, value)]);
    onEntry(key, block.subarray(value, value + length));
    reader.at = value + length;
  }
}

function readHandle(reader: Bytes): Handle {
  return { offset: readVarint(reader), size: readVarint(reader) };
}

function readVarint(reader: Bytes): number {
  let value = 0;
  for (let scale = 1; scale < 2 ** 53; scale *= 128) {
    const byte = reader.bytes[reader.at++];
    if (byte === undefined) break;
    value += (byte & 127) * scale;
    if (byte < 128 && Number.isSafeInteger(value)) return value;
  }
  throw damaged();
}

function damaged(): FormatError {
  return new FormatError('malformed', 'The table is damaged.');
}
