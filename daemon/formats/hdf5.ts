import { FormatError, type Source } from './source.ts';

const SIGNATURE = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');

/** What an HDF5 superblock says; the rest of the format is not read. */
export interface Superblock {
  version: number;
  /** Size in bytes that the file had when it was last closed or flushed. */
  endOfFile: number;
}

/**
 * The superblock of an HDF5 file (HDF5 File Format Specification, II.A, versions 0 to 3; a user block before it is not
 * looked for). Throws FormatError: `truncated` when the file is shorter than it says, `malformed` when it is no HDF5.
 */
export function readSuperblock(source: Source): Superblock {
  const head = Buffer.from(source.read(0, 96));
  if (!head.subarray(0, 8).equals(SIGNATURE.subarray(0, Math.min(8, head.length)))) {
    throw new FormatError('malformed', 'This is not an HDF5 file.');
  }
  if (head.length < 48) throw new FormatError('truncated', 'The HDF5 superblock is cut.');
  const version = head.readUInt8(8);
  if (version > 3) throw new FormatError('unsupported', `HDF5 superblock version ${version} is not known.`);
  const late = version >= 2;
  const width = head.readUInt8(late ? 9 : 13);
  if (width !== 8 && width !== 4) throw new FormatError('unsupported', `HDF5 offsets of ${width} bytes are not known.`);
  const first = late ? 12 : version === 1 ? 28 : 24;
  const at = first + 2 * width;
  const endOfFile = width === 4 ? head.readUInt32LE(at) : Number(head.readBigUInt64LE(at));
  if (endOfFile > source.size) {
    throw new FormatError('truncated', `The file has ${source.size} of the ${endOfFile} bytes that it says.`);
  }
  return { version, endOfFile };
}
