import type { TensorNorm, TensorNorms } from '../../protocol/tensors.ts';
import { serve } from '../../runtime/worker-thread.ts';
import { layersOf, relativeOf } from './layers.ts';
import { elementsOf, measure, type Measured } from './measure.ts';
import { itemSizes } from './decode.ts';
import { plan, type Plan, type VersionFile } from './plan.ts';
import { readTensor, type ReadTensor } from './read-tensor.ts';

export interface TensorRequest {
  before: VersionFile[];
  after: VersionFile[];
  norms: boolean;
  /** An Int32 that becomes non-zero when the work is to stop. */
  cancel: SharedArrayBuffer;
}

export type TensorReply = Omit<TensorNorms, 'baseline' | 'candidate' | 'tookMs'>;

export interface TensorOperations {
  /** Progress is the bytes done and the total. */
  compare: [TensorRequest, TensorReply, [done: number, total: number]];
  /** Describes the numbers of one tensor; null if it was stopped. Progress as above. */
  describe: [DescribeRequest, ReadTensor | null, [done: number, total: number]];
}

export interface DescribeRequest {
  files: VersionFile[];
  tensor: string;
  /** As in `TensorRequest`. */
  cancel: SharedArrayBuffer;
}

const progressEveryMs = 100;
const maxListed = 10_000;

serve<TensorOperations>({
  compare,
  describe: ({ files, tensor, cancel }, progress) => {
    const isWanted = whileWanted(cancel, progress);
    return isWanted(0, 1) ? readTensor(files, tensor, isWanted) : null;
  },
});

/** Returns a function that reports progress now and then, and returns false once the work is to stop. */
function whileWanted(
  cancel: SharedArrayBuffer,
  progress: (bytes: [done: number, total: number]) => void,
): (done: number, total: number) => boolean {
  const flag = new Int32Array(cancel);
  let reportedAt = -Infinity;
  return (done, total) => {
    if (performance.now() - reportedAt > progressEveryMs) {
      reportedAt = performance.now();
      progress([done, total]);
    }
    return Atomics.load(flag, 0) === 0;
  };
}

async function compare(
  { before, after, norms, cancel }: TensorRequest,
  progress: (bytes: [done: number, total: number]) => void,
): Promise<TensorReply> {
  const planned = plan(before, after);
  const flag = new Int32Array(cancel);
  const files = { before: byName(before), after: byName(after) };
  const seen = { bytes: 0, same: 0 };
  const isWanted = whileWanted(cancel, progress);
  const total = planned.pairs.reduce((sum, pair) => sum + bytesOf(pair.before) + bytesOf(pair.after), 0);
  const done = (pair: number, measured: Measured): void => {
    if (measured.same) seen.same += 1;
    note(planned.tensors[planned.of[pair]!]!, measured);
  };
  const goOn = (bytes: number): boolean => {
    seen.bytes += bytes;
    return isWanted(seen.bytes, total);
  };
  if (norms && Atomics.load(flag, 0) === 0) await measure(planned.pairs, files, done, goOn);
  const cancelled = Atomics.load(flag, 0) !== 0 && seen.bytes < total;
  return { ...tensorReply(planned, norms), same: norms ? seen.same : null, bytes: seen.bytes, cancelled };
}

function byName(files: readonly VersionFile[]): Map<string, VersionFile> {
  return new Map(files.map((file) => [file.name, file]));
}

function bytesOf(place: Plan['pairs'][number]['before']): number {
  return elementsOf(place) * itemSizes[place.data!.encoding];
}

function note(tensor: TensorNorm, sums: Measured): void {
  tensor.norm = Math.sqrt(sums.change);
  tensor.base = Math.sqrt(sums.base);
  tensor.relative = relativeOf(sums);
  tensor.nonFinite = sums.nonFinite;
}

function tensorReply({ tensors, missing }: Plan, norms: boolean): Omit<TensorReply, 'same' | 'bytes' | 'cancelled'> {
  const alike = tensors.filter(({ change }) => change === null).length;
  const different = tensors.filter(
    ({ change, norm, why }) => change !== null || (norm ?? 0) > 0 || (norms && why !== null),
  );
  const listed = different.toSorted((a, b) => weight(b) - weight(a)).slice(0, maxListed);
  return { tensors: listed, alike, layers: norms ? layersOf(tensors) : [], missing };
}

/** Returns a sort key: changes from zero first, then by size, then tensors that were not measured. */
function weight({ norm, relative }: TensorNorm): number {
  if (norm === null) return -1;
  return relative ?? Infinity;
}
