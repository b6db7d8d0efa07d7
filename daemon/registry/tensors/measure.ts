import type { TensorPlace } from '../../formats/tensors/tensor-places.ts';
import { elementReaders, type TensorFiles, type Turn } from './elements.ts';
import { decode, itemSizes, sumsOf, type Sums } from './decode.ts';

/** A tensor on both sides with the same shape and layout, whose data can be read. */
export interface Pair {
  before: TensorPlace;
  after: TensorPlace;
}

export interface Measured extends Sums {
  /** True if both sides have the same bytes. */
  same: boolean;
}

interface Chunk extends Turn {
  pair: number;
}

/** Elements of a chunk. Four buffers of at most 16 MiB, usually 8, are used at a time. */
const maxElements = 2 << 20;

/**
 * Reads the data of pairs in chunks, the next while one is computed. Calls `onMeasured` with each pair's number and result, and
 * `onRead` with the bytes of each chunk; it returns whether to continue. Rejects with a
 * system error, or an Error if a file is shorter than its header declares.
 */
export async function measure(
  pairs: readonly Pair[],
  files: { before: TensorFiles; after: TensorFiles },
  onMeasured: (pair: number, measured: Measured) => void,
  onRead: (bytes: number) => boolean,
): Promise<void> {
  const readers = elementReaders();
  const buffers = [pairOfBuffers(), pairOfBuffers()];
  const read = async (chunk: Chunk, turn: number): Promise<void> => {
    const { before, after } = pairs[chunk.pair]!;
    const [a, b] = buffers[turn % 2]!;
    await Promise.all([readers.read(files.before, before, chunk, a), readers.read(files.after, after, chunk, b)]);
  };
  const sums = pairs.map((): Measured => ({ change: 0, base: 0, nonFinite: 0, same: true }));
  try {
    const chunks = chunksOf(pairs);
    let current = chunks.next();
    let reading = current.done === true ? undefined : read(current.value, 0);
    for (let turn = 0; current.done !== true; turn += 1) {
      await reading;
      const chunk = current.value;
      current = chunks.next();
      reading = current.done === true ? undefined : read(current.value, turn + 1);
      reading?.catch(() => undefined);
      const bytes = add(sums[chunk.pair]!, pairs[chunk.pair]!, chunk.count, buffers[turn % 2]!);
      const isLast = current.done === true || current.value.pair !== chunk.pair;
      if (isLast) onMeasured(chunk.pair, sums[chunk.pair]!);
      if (!onRead(bytes)) break;
    }
    await reading;
  } finally {
    readers.close();
  }
}

function* chunksOf(pairs: readonly Pair[]): Generator<Chunk, undefined> {
  for (const [pair, { before }] of pairs.entries()) {
    const elements = elementsOf(before);
    for (let from = 0; from < elements || from === 0; from += maxElements)
      yield { pair, from, count: Math.min(maxElements, elements - from) };
  }
  return undefined;
}

export function elementsOf({ shape }: Pick<TensorPlace, 'shape'>): number {
  return shape.reduce((product, size) => product * size, 1);
}

type Buffers = [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];

function pairOfBuffers(): Buffers {
  return [new Uint8Array(maxElements * 8), new Uint8Array(maxElements * 8)];
}

/** Adds the sums of a chunk, and returns its size in bytes. Equal bytes need no computation. */
function add(sums: Measured, { before, after }: Pair, count: number, [a, b]: Buffers): number {
  const [first, second] = [before.data!.encoding, after.data!.encoding];
  const [bytesA, bytesB] = [count * itemSizes[first], count * itemSizes[second]];
  const isSame = first === second && Buffer.compare(a.subarray(0, bytesA), b.subarray(0, bytesB)) === 0;
  const numbers = decode(a, first, count);
  const { change, base, nonFinite } = sumsOf(numbers, isSame ? numbers : decode(b, second, count));
  sums.change += change;
  sums.base += base;
  sums.nonFinite += nonFinite;
  sums.same &&= isSame;
  return bytesA + bytesB;
}
