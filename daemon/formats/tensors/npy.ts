import { FormatError, type Source } from '../source.ts';
import { entryHead, readZip, type ZipEntry } from '../containers/zip.ts';

/** One array, read from its header alone. */
export interface NpyArray {
  /** The name of an archive's member without `.npy`; empty for a file of its own. */
  name: string;
  shape: number[];
  /** NumPy's name for it: `float32`, `int64`, `bool`, `object`, `structured` … */
  dtype: string;
  /** Bytes of the data; null when the header does not determine it: pickled objects and structured items. */
  bytes: number | null;
  /** The offset of the data in the `.npy`. */
  dataOffset: number;
  /** Byte order, and whether the first axis varies fastest. */
  layout: { littleEndian: boolean; fortran: boolean };
}

export interface NpzArchive {
  /** The first 2,000, in archive order. */
  arrays: (NpyArray & { entry: ZipEntry })[];
  total: number;
}

const magic = '\u0093NUMPY';
const maxHeader = 64 * 1024;
const maxRank = 64;
const maxArrays = 2000;
const kinds: Readonly<Record<string, string>> = {
  b: 'bool', i: 'int', u: 'uint', f: 'float', c: 'complex', S: 'bytes', U: 'str', V: 'void', O: 'object', M: 'datetime', m: 'timedelta',
}; // prettier-ignore

/**
 * Reads the array of a `.npy` file whose data is complete: header + product of the shape × item size is the size of the file.
 * Source: numpy.lib.format (versions 1 to 3; header ≤ 64 KiB here). Throws FormatError, `truncated` while header or data are not
 * complete.
 */
export function readNpy(source: Source): NpyArray {
  const array = readHeader(source.read(0, maxHeader + 12), source.size);
  if (array.bytes === null) return array;
  const end = array.dataOffset + array.bytes;
  if (source.size < end) throw new FormatError('truncated', `The array has ${source.size} of its ${end} bytes.`);
  if (source.size > end) throw new FormatError('malformed', 'The file is longer than its array.');
  return array;
}

/**
 * Reads the arrays of a `.npz` archive (numpy.savez: a zip of `.npy` files) from the first bytes of each. Throws FormatError:
 * `truncated` when the archive has no directory yet, `malformed` when it is not an archive of arrays or contradicts itself.
 */
export function readNpz(source: Source): NpzArchive {
  const members = readZip(source).filter(({ name }) => name.endsWith('.npy'));
  if (members.length === 0) throw new FormatError('malformed', 'This zip archive holds no arrays.');
  const arrays = members.slice(0, maxArrays).map((entry) => {
    const array = readHeader(entryHead(source, entry, 512), entry.size);
    if (array.bytes !== null && array.dataOffset + array.bytes !== entry.size) {
      throw new FormatError(
        'malformed',
        `The array ${entry.name.slice(0, 100)} has another size than its header says.`,
      );
    }
    return { ...array, name: entry.name.slice(0, -'.npy'.length), entry };
  });
  return { arrays, total: members.length };
}

/** Reads the header of a `.npy` of `size` bytes, which begins with `head`. */
function readHeader(head: Uint8Array, size: number): NpyArray {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
  if (!text.startsWith(magic.slice(0, text.length))) throw new FormatError('malformed', 'This is not a NumPy array.');
  if (head.length < 12) throw new FormatError('truncated', 'The array has no header yet.');
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const version = head[6] ?? 0;
  if (version < 1 || version > 3) throw new FormatError('unsupported', `Version ${version} of .npy is not known.`);
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > maxHeader) throw new FormatError('unsupported', 'The header of the array is too large to read.');
  if (start + length > size) throw new FormatError('truncated', 'The header of the array is cut.');
  if (start + length > head.length)
    throw new FormatError('unsupported', 'The header of the array is too large to read.');
  const header = text.slice(start, start + length);
  const shape = shapeIn(header);
  const { dtype, itemBytes } = typeIn(header);
  const count = shape.reduce((product, side) => product * side, 1);
  if (!Number.isSafeInteger(count * (itemBytes ?? 1))) throw new FormatError('malformed', 'The array is too large.');
  const layout = { littleEndian: !/'descr':\s*'>/.test(header), fortran: /'fortran_order':\s*True/.test(header) };
  const bytes = itemBytes === null ? null : count * itemBytes;
  return { name: '', shape, dtype, bytes, dataOffset: start + length, layout };
}

function shapeIn(header: string): number[] {
  const inside = /'shape':\s*\(([\d\s,L]*)\)/.exec(header)?.[1];
  const sides = inside?.split(',').flatMap((side) => side.trim().replace('L', '') || []);
  if (sides === undefined || sides.length > maxRank || !sides.every((side) => /^\d{1,15}$/.test(side))) {
    throw new FormatError('malformed', 'The header of the array has no shape.');
  }
  return sides.map(Number);
}

function typeIn(header: string): { dtype: string; itemBytes: number | null } {
  const [, kind = '', digits = ''] = /'descr':\s*'[<>|=]?([a-zA-Z])(\d{0,9})/.exec(header) ?? [];
  if (kind === '' && /'descr':\s*\[/.test(header)) return { dtype: 'structured', itemBytes: null };
  const known = kinds[kind];
  if (known === undefined) throw new FormatError('malformed', 'The header of the array has no known type.');
  const size = Number(digits);
  if (kind === 'O') return { dtype: known, itemBytes: null };
  if (kind === 'b') return { dtype: known, itemBytes: 1 };
  if (kind === 'U') return { dtype: `${known}${size}`, itemBytes: size * 4 };
  const counted = kind === 'S' || kind === 'V' ? size : size * 8;
  return { dtype: `${known}${counted}`, itemBytes: size };
}
