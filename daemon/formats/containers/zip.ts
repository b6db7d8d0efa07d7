import { constants, inflateRawSync } from 'node:zlib';
import { slice } from '../slice.ts';
import { FormatError, sourceOf } from '../source.ts';
import type { Source } from '../source.ts';

/** One file of an archive, from the central directory. Sizes and offsets in bytes. */
export interface ZipEntry {
  name: string;
  /** 0 is stored, 8 is deflate. */
  method: number;
  compressedSize: number;
  size: number;
  /** The offset of its local header. */
  headerOffset: number;
}

interface Directory {
  count: number;
  offset: number;
  size: number;
}

const localSignature = 0x04034b50;
const centralSignature = 0x02014b50;
const endSignature = 0x06054b50;
const end64 = 0x06064b50;
const locator64 = 0x07064b50;
const maxDirectoryBytes = 32 * 1024 * 1024;
const maxEntries = 200_000;
/** So many entries, spread over the archive, have their local header compared with the directory. */
const maxHeadersChecked = 256;

/** True when the bytes begin with the local header of a zip archive. */
export function beginsLikeZip(source: Source): boolean {
  const head = source.read(0, 4);
  return head.length === 4 && view(head).getUint32(0, true) === localSignature;
}

/**
 * Returns the entries of a zip archive in the order of its directory, each checked to lie within the file. Source: PKWARE APPNOTE
 * 6.3, 4.3 (with zip64). Throws FormatError: `truncated` when the archive begins but has no directory yet, `malformed` when it is
 * not an archive or contradicts itself, `unsupported` past the bounds (32 MiB of directory, 200,000 entries).
 */
export function readZip(source: Source): ZipEntry[] {
  const directory = findDirectory(source);
  if (directory.count > maxEntries || directory.size > maxDirectoryBytes) {
    throw new FormatError('unsupported', 'The zip directory is too large.');
  }
  const entries = readDirectory(source.read(directory.offset, directory.size), directory.count);
  for (const entry of entries) {
    if (entry.headerOffset + 30 + entry.compressedSize > directory.offset) {
      throw new FormatError('malformed', 'A zip entry lies outside of its file.');
    }
  }
  const stride = Math.max(1, Math.ceil(entries.length / maxHeadersChecked));
  for (let i = 0; i < entries.length; i += stride) dataOffset(source, entries[i] as ZipEntry);
  return entries;
}

/**
 * Returns the uncompressed bytes of an entry, at most `maxBytes`. Throws FormatError: `unsupported` when it is larger or
 * compressed by another method than deflate, `malformed` when its bytes do not match the directory.
 */
export function readEntry(source: Source, entry: ZipEntry, maxBytes: number): Uint8Array {
  if (entry.size > maxBytes || entry.compressedSize > maxBytes) {
    throw new FormatError('unsupported', 'A zip entry is larger than this reader reads.');
  }
  const bytes = source.read(dataOffset(source, entry), entry.compressedSize);
  if (bytes.length !== entry.compressedSize) throw new FormatError('truncated', 'A zip entry is cut.');
  const content = entry.method === 0 ? bytes : inflate(entry, bytes, maxBytes);
  if (content.length !== entry.size) throw new FormatError('malformed', 'A zip entry has another size than recorded.');
  return content;
}

/**
 * Returns the first uncompressed bytes of an entry: `bytes` of a stored one, otherwise the content of the first `bytes`
 * compressed ones (at most 1,032 times as many). Throws as `readEntry`.
 */
export function entryHead(source: Source, entry: ZipEntry, bytes: number): Uint8Array {
  const stored = source.read(dataOffset(source, entry), Math.min(bytes, entry.compressedSize));
  return entry.method === 0 ? stored : inflate(entry, stored, bytes * 1100 + 65_536, constants.Z_SYNC_FLUSH);
}

/** Opens an entry as a source: a slice of the file when it is stored, otherwise its uncompressed bytes, at most `maxBytes`. Throws as `readEntry`. */
export function openEntry(source: Source, entry: ZipEntry, maxBytes: number): Source {
  if (entry.method !== 0) return sourceOf(readEntry(source, entry, maxBytes));
  return slice(source, dataOffset(source, entry), entry.size);
}

function inflate(
  entry: ZipEntry,
  bytes: Uint8Array,
  maxBytes: number,
  finishFlush: number = constants.Z_FINISH,
): Uint8Array {
  if (entry.method !== 8) throw new FormatError('unsupported', `Zip compression method ${entry.method} is not known.`);
  try {
    return inflateRawSync(bytes, { maxOutputLength: Math.max(1, maxBytes), finishFlush });
  } catch {
    throw new FormatError('malformed', 'A zip entry does not inflate.');
  }
}

/** Returns the offset in the file of an entry's bytes. Throws FormatError `malformed`. */
export function dataOffset(source: Source, entry: ZipEntry): number {
  const header = source.read(entry.headerOffset, 30);
  if (header.length < 30 || view(header).getUint32(0, true) !== localSignature) {
    throw new FormatError('malformed', 'A zip entry has no local header.');
  }
  const offset = entry.headerOffset + 30 + view(header).getUint16(26, true) + view(header).getUint16(28, true);
  if (offset + entry.compressedSize > source.size) throw new FormatError('malformed', 'A zip entry is cut.');
  return offset;
}

function findDirectory(source: Source): Directory {
  const tailOffset = Math.max(0, source.size - 65_557);
  const tail = source.read(tailOffset, source.size - tailOffset);
  const bytes = view(tail);
  for (let at = tail.length - 22; at >= 0; at -= 1) {
    if (bytes.getUint32(at, true) !== endSignature || at + 22 + bytes.getUint16(at + 20, true) !== tail.length)
      continue;
    const directory = directoryAt(source, tailOffset + at, new DataView(tail.buffer, tail.byteOffset + at, 22));
    if (directory !== undefined) return directory;
  }
  const begins = source.size < 4 ? isPrefixOfLocal(tail) : beginsLikeZip(source);
  if (begins) throw new FormatError('truncated', 'The zip archive has no directory yet.');
  throw new FormatError('malformed', 'This is not a zip archive.');
}

/**
 * Returns the directory that an end record names; undefined when the record does not fit its position, since it then belongs to
 * an archive stored inside this one.
 */
function directoryAt(source: Source, endOffset: number, end: DataView): Directory | undefined {
  const plain = { count: end.getUint16(10, true), size: end.getUint32(12, true), offset: end.getUint32(16, true) };
  const wide = directory64(source, endOffset);
  if (wide !== undefined) return wide;
  return plain.offset + plain.size === endOffset ? plain : undefined;
}

function directory64(source: Source, endOffset: number): Directory | undefined {
  const locator = source.read(endOffset - 20, 20);
  if (endOffset < 20 || locator.length < 20 || view(locator).getUint32(0, true) !== locator64) return undefined;
  const recordOffset = Number(view(locator).getBigUint64(8, true));
  const record = source.read(recordOffset, 56);
  if (record.length < 56 || view(record).getUint32(0, true) !== end64) return undefined;
  const directory = {
    count: Number(view(record).getBigUint64(32, true)),
    size: Number(view(record).getBigUint64(40, true)),
    offset: Number(view(record).getBigUint64(48, true)),
  };
  return directory.offset + directory.size === recordOffset ? directory : undefined;
}

function readDirectory(bytes: Uint8Array, count: number): ZipEntry[] {
  const entries: ZipEntry[] = [];
  const data = view(bytes);
  const decoder = new TextDecoder();
  let at = 0;
  while (at < bytes.length) {
    if (at + 46 > bytes.length || data.getUint32(at, true) !== centralSignature || entries.length === maxEntries) {
      throw new FormatError('malformed', 'The zip directory is damaged.');
    }
    const nameEnd = at + 46 + data.getUint16(at + 28, true);
    const extraEnd = nameEnd + data.getUint16(at + 30, true);
    const next = extraEnd + data.getUint16(at + 32, true);
    if (next > bytes.length) throw new FormatError('malformed', 'The zip directory is damaged.');
    const entry: ZipEntry = {
      name: decoder.decode(bytes.subarray(at + 46, nameEnd)),
      method: data.getUint16(at + 10, true),
      compressedSize: data.getUint32(at + 20, true),
      size: data.getUint32(at + 24, true),
      headerOffset: data.getUint32(at + 42, true),
    };
    widen(entry, view(bytes.subarray(nameEnd, extraEnd)));
    entries.push(entry);
    at = next;
  }
  if (entries.length !== count)
    throw new FormatError('malformed', 'The zip directory has another length than recorded.');
  return entries;
}

/** Takes sizes and offset from the zip64 extra field (id 1) when the 32-bit ones are all ones. */
function widen(entry: ZipEntry, extra: DataView): void {
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const end = at + 4 + extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) === 1 && end <= extra.byteLength) {
      let field = at + 4;
      for (const key of ['size', 'compressedSize', 'headerOffset'] as const) {
        if (entry[key] !== 0xffffffff || field + 8 > end) continue;
        entry[key] = Number(extra.getBigUint64(field, true));
        field += 8;
      }
    }
    at = end;
  }
}

function isPrefixOfLocal(bytes: Uint8Array): boolean {
  return [0x50, 0x4b, 3, 4].slice(0, bytes.length).every((byte, i) => bytes[i] === byte);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
