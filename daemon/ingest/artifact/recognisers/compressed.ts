import { constants, crc32, gunzipSync, inflateSync } from 'node:zlib';
import type { Source } from '../../../formats/source.ts';

export type Compression = 'gzip' | 'zlib' | 'xz' | 'bz2' | 'lzma' | 'lz4' | 'zstd';

/** Decompressed content (`whole`: all of it), or why there is none. */
export type Decompressed = { content: Uint8Array; whole: boolean } | { failure: 'truncated' | 'malformed' };

const maxContent = 32 * 1024 * 1024;
const magicBytes: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['bz2', [0x42, 0x5a, 0x68]],
  ['lzma', [0x5d, 0x00, 0x00]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
];

/** Returns the compression that the first bytes show, of those that joblib writes, and zstd; undefined for none. */
export function compressionOf(source: Source): Compression | undefined {
  const head = source.read(0, 6);
  const named = magicBytes.find(([, magic]) => magic.every((byte, i) => head[i] === byte))?.[0];
  if (named !== undefined) return named;
  const [first = 0, second = 0] = head;
  return first === 0x78 && (first * 256 + second) % 31 === 0 ? 'zlib' : undefined;
}

/** Decompresses a gzip (RFC 1952) or zlib (RFC 1950) file. Above 32 MiB only the first part is read, and the end is not checked. */
export function decompress(source: Source, compression: 'gzip' | 'zlib'): Decompressed {
  const inflate = compression === 'gzip' ? gunzipSync : inflateSync;
  if (source.size <= maxContent) {
    try {
      return { content: inflate(source.read(0, source.size), { maxOutputLength: maxContent }), whole: true };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'Z_BUF_ERROR') return { failure: 'truncated' };
      if (code !== 'ERR_BUFFER_TOO_LARGE') return { failure: 'malformed' };
    }
  }
  return firstPart(source, inflate);
}

/** Returns about the first KiB of the content; empty if it cannot be decompressed. */
export function firstContent(source: Source, compression: 'gzip' | 'zlib'): Uint8Array {
  const inflate = compression === 'gzip' ? gunzipSync : inflateSync;
  try {
    return inflate(source.read(0, 1024), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return new Uint8Array(0);
  }
}

/** Decompresses ever smaller beginnings until the content fits, as the ratio may be up to 1,032 to 1. */
function firstPart(source: Source, inflate: typeof gunzipSync): Decompressed {
  for (let length = maxContent / 4; length >= 16 * 1024; length /= 8) {
    try {
      const options = { maxOutputLength: maxContent, finishFlush: constants.Z_SYNC_FLUSH };
      return { content: inflate(source.read(0, length), options), whole: false };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') return { failure: 'malformed' };
    }
  }
  return { failure: 'malformed' };
}

/** True if an xz file ends with a footer: the magic `YZ` and a correct checksum. Source: the .xz file format, 2.1.2. */
export function endsLikeXz(source: Source): boolean {
  if (source.size < 32 || source.size % 4 !== 0) return false;
  const footer = source.read(source.size - 12, 12);
  const view = new DataView(footer.buffer, footer.byteOffset, 12);
  return footer[10] === 0x59 && footer[11] === 0x5a && view.getUint32(0, true) === crc32(footer.subarray(4, 10));
}
