import { readSuperblock } from './hdf5.ts';
import { addressAt, isDefined, messagesAt, messageTypes, unsigned, type Hdf5, type Message } from './hdf5-header.ts';
import { linksOf } from './hdf5-links.ts';
import { FormatError, type Source } from '../source.ts';
import { ByteWindow } from '../window.ts';

/** A dataset of an HDF5 file, by its path without the leading slash. */
export interface Hdf5Tensor {
  name: string;
  shape: number[];
  dtype: string;
  /** The offset of its data; undefined when the data is not in one place. */
  offset: number | undefined;
  littleEndian: boolean;
}

const maxObjects = 200_000;
const maxDimensions = 32;
/** Headers lie among the data, so bytes read around one are of little use for the next. */
const windowBytes = 4096;

/**
 * Returns the datasets of an HDF5 file in the order of their groups, without their data. Throws FormatError. Source: HDF5 File
 * Format Specification, III and IV.
 */
export function readHdf5Tensors(source: Source): Hdf5Tensor[] {
  const { root, offsetBytes, lengthBytes } = readSuperblock(source);
  const file: Hdf5 = { window: new ByteWindow(source, windowBytes), offsetBytes, lengthBytes };
  const seen = new Set<number>();
  const waiting = [{ name: '', address: root }];
  const found: Hdf5Tensor[] = [];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (seen.has(next.address) || !isDefined(next.address)) continue;
    seen.add(next.address);
    if (seen.size > maxObjects) throw new FormatError('malformed', 'The HDF5 file has too many objects.');
    const messages = messagesAt(file, next.address);
    const dataset = datasetOf(file, next.name, messages);
    if (dataset) {
      found.push(dataset);
      continue;
    }
    const { name: path } = next;
    const links = linksOf(file, messages).map(({ name, address }) => ({
      name: path ? `${path}/${name}` : name,
      address,
    }));
    waiting.push(...links.toReversed());
  }
  return found;
}

function datasetOf(file: Hdf5, name: string, messages: readonly Message[]): Hdf5Tensor | undefined {
  const of = (type: number): Message | undefined => messages.find((message) => message.type === type);
  const [space, type, layout] = [of(messageTypes.dataspace), of(messageTypes.datatype), of(messageTypes.layout)];
  if (!space || !type || !layout) return undefined;
  const offset = of(messageTypes.filters) ? undefined : dataOffset(file, layout.at);
  return { name, shape: shapeAt(file, space.at), ...dtypeAt(file, type.at), offset };
}

function shapeAt(file: Hdf5, at: number): number[] {
  const [version, rank] = [unsigned(file, at, 1), unsigned(file, at + 1, 1)];
  if (rank > maxDimensions) throw new FormatError('malformed', 'An HDF5 dataset has too many dimensions.');
  const first = at + (version === 1 ? 8 : 4);
  return Array.from({ length: rank }, (_, index) => unsigned(file, first + index * file.lengthBytes, file.lengthBytes));
}

function dtypeAt(file: Hdf5, at: number): Pick<Hdf5Tensor, 'dtype' | 'littleEndian'> {
  const kind = unsigned(file, at, 1) & 15;
  const bits = unsigned(file, at + 1, 1);
  const size = unsigned(file, at + 4, 4);
  const littleEndian = (bits & 1) === 0;
  if (kind === 0) return { dtype: `${bits & 8 ? 'int' : 'uint'}${8 * size}`, littleEndian };
  if (kind === 1) {
    const exponentBits = unsigned(file, at + 13, 1);
    return { dtype: size === 2 && exponentBits === 8 ? 'bfloat16' : `float${8 * size}`, littleEndian };
  }
  if (kind === 8 && size === 1) return { dtype: 'bool', littleEndian: true };
  return { dtype: kind === 3 || kind === 9 ? 'text' : `class ${kind} of ${size} bytes`, littleEndian: true };
}

/** Returns the offset of a compact or contiguous dataset's data; undefined for a chunked one, whose data is in many places. */
function dataOffset(file: Hdf5, at: number): number | undefined {
  const [version, kind] = [unsigned(file, at, 1), unsigned(file, at + (unsigned(file, at, 1) < 3 ? 2 : 1), 1)];
  if (kind > 1) return undefined;
  if (version >= 3) return kind === 0 ? at + 4 : place(addressAt(file, at + 2));
  return kind === 1 ? place(addressAt(file, at + 8)) : at + 12 + 4 * unsigned(file, at + 1, 1);
}

function place(address: number): number | undefined {
  return isDefined(address) ? address : undefined;
}
