import { FormatError, type Source } from '../source.ts';

/** One regular file of a tar archive. */
export interface TarEntry {
  name: string;
  offset: number;
  size: number;
}

const block = 512;
const maxEntries = 10_000;

/** True when the bytes begin with a header whose checksum is right. Source: POSIX ustar, and tar(5) for the older form. */
export function beginsLikeTar(source: Source): boolean {
  return headerAt(source, 0) !== undefined;
}

/**
 * Returns the regular files of a tar archive, from its headers. `isWhole` is false for the first part of a longer archive; files
 * beyond that part are left out. Throws FormatError: `truncated` while the two empty blocks at its end are not there.
 */
export function readTar(source: Source, isWhole = true): TarEntry[] {
  const entries: TarEntry[] = [];
  let at = 0;
  while (at + block <= source.size && entries.length < maxEntries) {
    const header = headerAt(source, at);
    if (!header) {
      if (source.read(at, block).every((byte) => byte === 0)) return entries;
      throw new FormatError('malformed', `There is no header of a tar archive at byte ${at}.`);
    }
    if (header.isFile) entries.push({ name: header.name, offset: at + block, size: header.size });
    at += block + Math.ceil(header.size / block) * block;
  }
  if (isWhole && entries.length < maxEntries) throw new FormatError('truncated', 'The tar archive has no end yet.');
  return entries;
}

function headerAt(source: Source, at: number): { name: string; size: number; isFile: boolean } | undefined {
  const head = Buffer.from(source.read(at, block));
  if (head.length < block) return undefined;
  const sum = head.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  const stated = Number.parseInt(textIn(head, 148, 8).trim(), 8);
  if (sum !== stated || sum === 8 * 32) return undefined;
  const size = sizeIn(head);
  if (!Number.isSafeInteger(size) || size < 0) return undefined;
  const prefix = textIn(head, 257, 5) === 'ustar' ? textIn(head, 345, 155) : '';
  const name = textIn(head, 0, 100);
  return { name: prefix === '' ? name : `${prefix}/${name}`, size, isFile: /^[0\0 7]?$/.test(textIn(head, 156, 1)) };
}

/** Reads a size: octal digits, or above 8 GiB a binary number, marked by the first bit. */
function sizeIn(head: Buffer): number {
  if (((head[124] ?? 0) & 0x80) !== 0) return Number(head.readBigUInt64BE(128));
  const text = textIn(head, 124, 12).trim();
  return text === '' ? 0 : Number.parseInt(text, 8);
}

function textIn(head: Buffer, from: number, length: number): string {
  return head.toString('utf8', from, from + length).replace(/\0[^]*$/, '');
}
