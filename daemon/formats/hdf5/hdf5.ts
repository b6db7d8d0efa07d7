import { FormatError, type Source } from '../source.ts';

const signature = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');

export interface Superblock {
  version: number;
  /** Size of the file in bytes when it was last closed or flushed. */
  endOfFile: number;
  /** Address of the root group's object header. */
  root: number;
  /** Bytes that an address and a length take. */
  offsetBytes: number;
  lengthBytes: number;
}

/**
 * Reads the superblock of an HDF5 file (HDF5 File Format Specification, II.A, versions 0 to 3; not one behind a user block).
 * Throws FormatError: `truncated` when the file is shorter than it says, `malformed` when it is not HDF5.
 */
export function readSuperblock(source: Source): Superblock {
  const head = Buffer.from(source.read(0, 112));
  if (!head.subarray(0, 8).equals(signature.subarray(0, Math.min(8, head.length)))) {
    throw new FormatError('malformed', 'This is not an HDF5 file.');
  }
  if (head.length < 48) throw new FormatError('truncated', 'The HDF5 superblock is cut.');
  const version = head.readUInt8(8);
  if (version > 3) throw new FormatError('unsupported', `HDF5 superblock version ${version} is not known.`);
  const late = version >= 2;
  const offsetBytes = widthOf(head.readUInt8(late ? 9 : 13));
  const lengthBytes = widthOf(head.readUInt8(late ? 10 : 14));
  const first = late ? 12 : version === 1 ? 28 : 24;
  const address = (index: number): number => {
    const at = first + index * offsetBytes;
    if (at + offsetBytes > head.length) throw new FormatError('truncated', 'The HDF5 superblock is cut.');
    return offsetBytes === 4 ? head.readUInt32LE(at) : Number(head.readBigUInt64LE(at));
  };
  const endOfFile = address(2);
  if (endOfFile > source.size) {
    throw new FormatError('truncated', `The file has ${source.size} of the ${endOfFile} bytes that it says.`);
  }
  return { version, endOfFile, root: address(late ? 3 : 5), offsetBytes, lengthBytes };
}

function widthOf(bytes: number): number {
  if (bytes !== 8 && bytes !== 4) throw new FormatError('unsupported', `HDF5 offsets of ${bytes} bytes are not known.`);
  return bytes;
}
