import { FormatError } from '../../formats/source.ts';
import { placeTensors, type TensorPlace } from '../../formats/tensors/tensor-places.ts';
import { messageOf, systemCode } from '../../errors.ts';
import type { TensorStatistics } from '../../protocol/tensors.ts';
import { unreadableReason } from '../../runtime/file-reader.ts';
import { decode, itemSizes, type Numbers } from './decode.ts';
import { elementReaders, type TensorFiles } from './elements.ts';
import { elementsOf } from './measure.ts';
import { whyNot, type VersionFile } from './plan.ts';
import { addTo, heatMapOf, histogramFor, joinMoments, momentsOf, noMoments, numbersOf } from './statistics.ts';
import { withTensorFile } from './tensor-source.ts';

export type ReadTensor = Omit<TensorStatistics, 'tookMs' | 'cancelled'>;

/** Elements that are read at a time. A tensor of no more is read once, a larger one twice. */
const maxElements = 2 << 20;
const floats = /^(b?f)/;

/**
 * Reads all numbers of a tensor in chunks and describes them. Calls `onRead` with the bytes that were read and those to read; it
 * returns whether to continue, and without that the result is null. What keeps the numbers from being read becomes a sentence.
 */
export async function readTensor(
  files: readonly VersionFile[],
  name: string,
  onRead: (done: number, total: number) => boolean,
): Promise<ReadTensor | null> {
  const place = findTensor(files, name);
  if (typeof place === 'string') return unread({ name, shape: [], dtype: '' }, place);
  const sizes = new Map(files.map((file) => [file.name, file.size]));
  const why = whyNot(place, sizes);
  if (why !== null) return unread(place, why);
  try {
    return await describe(new Map(files.map((file) => [file.name, file])), place, onRead);
  } catch (error) {
    return unread(place, sentenceOf(error, place.name));
  }
}

function sentenceOf(error: unknown, name: string): string {
  const reason = systemCode(error) === undefined ? messageOf(error) : unreadableReason(error);
  return `The data of ${name.slice(0, 100)} cannot be read: ${reason}.`;
}

function unread({ name, shape, dtype }: Pick<TensorPlace, 'name' | 'shape' | 'dtype'>, why: string): ReadTensor {
  return { name, shape, dtype, why, numbers: null, histogram: null, heatMap: null, bytes: 0 };
}

/** Returns the tensor of a name, or the only one; a sentence if there is none. */
function findTensor(files: readonly VersionFile[], name: string): TensorPlace | string {
  let reason = '';
  for (const file of files) {
    try {
      const places = withTensorFile(file, (source) => placeTensors(file.name, source));
      const found =
        places.find((one) => one.name === name) ?? (files.length === 1 && name === '' ? places[0] : undefined);
      if (found) return found;
    } catch (error) {
      if (!(error instanceof FormatError)) reason ||= `${file.name} cannot be read: ${unreadableReason(error)}.`;
      else if (file === files[0]) reason ||= error.message;
    }
  }
  return reason || 'The file has no tensor of this name any more.';
}

async function describe(
  files: TensorFiles,
  place: TensorPlace,
  onRead: (done: number, total: number) => boolean,
): Promise<ReadTensor | null> {
  const { name, shape, dtype } = place;
  const { encoding } = place.data!;
  const elements = elementsOf(place);
  const once = elements * itemSizes[encoding];
  const isSmall = elements <= maxElements;
  const total = isSmall ? once : 2 * once;
  let moments = noMoments;
  let all: Numbers = new Float32Array(0);
  const isRead = await eachChunk(files, place, (numbers, bytes) => {
    moments = joinMoments(moments, momentsOf(numbers));
    if (isSmall) all = numbers;
    return onRead(bytes, total);
  });
  if (!isRead) return null;
  const histogram = histogramFor(moments, !floats.test(encoding));
  if (histogram && isSmall) addTo(histogram, all);
  const isCounted =
    !histogram ||
    isSmall ||
    (await eachChunk(files, place, (numbers, bytes) => {
      addTo(histogram, numbers);
      return onRead(once + bytes, total);
    }));
  if (!isCounted) return null;
  const heatMap = isSmall ? heatMapOf(place, all) : null;
  return { name, shape, dtype, why: null, numbers: numbersOf(moments), histogram, heatMap, bytes: once };
}

/** Calls `act` with the numbers of each chunk and the bytes that were read so far, until it returns false. Returns whether all were read. */
async function eachChunk(
  files: TensorFiles,
  place: TensorPlace,
  act: (numbers: Numbers, bytes: number) => boolean,
): Promise<boolean> {
  const elements = elementsOf(place);
  const { encoding } = place.data!;
  const readers = elementReaders();
  const buffer = new Uint8Array(Math.min(maxElements, elements) * 8);
  try {
    for (let from = 0; from < elements; from += maxElements) {
      const count = Math.min(maxElements, elements - from);
      await readers.read(files, place, { from, count }, buffer);
      if (!act(decode(buffer, encoding, count), (from + count) * itemSizes[encoding])) return from + count >= elements;
    }
    return true;
  } finally {
    readers.close();
  }
}
