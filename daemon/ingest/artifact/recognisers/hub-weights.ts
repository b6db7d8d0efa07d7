import { readSuperblock } from '../../../formats/hdf5/hdf5.ts';
import { FormatError, type Source } from '../../../formats/source.ts';
import { readFlaxArrays } from '../../../formats/tensors/flax-msgpack.ts';
import { placeTensors } from '../../../formats/tensors/tensor-places.ts';
import type { Tensor } from '../../../protocol/artifact.ts';

/**
 * Returns the tensors of Keras' weights in HDF5; a sentence if the file is incomplete. Empty if its tree is of a kind that is not
 * supported.
 */
export function kerasWeights(source: Source): Tensor[] | string {
  try {
    readSuperblock(source);
  } catch (error) {
    return reasonOf(error);
  }
  try {
    const found = placeTensors('', source).filter(({ dtype }) => dtype !== 'text');
    return found.length === 0
      ? 'It contains no tensors yet.'
      : found.map(({ name, shape, dtype, data }) => ({ name, shape, dtype, bytes: data?.bytes ?? null }));
  } catch (error) {
    if (error instanceof FormatError && error.kind === 'unsupported') return [];
    return reasonOf(error);
  }
}

/** Returns the tensors of flax' weights in msgpack; a sentence if the file is incomplete. */
export function flaxWeights(source: Source): Tensor[] | string {
  try {
    return readFlaxArrays(source);
  } catch (error) {
    return reasonOf(error);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof FormatError) return error.message;
  throw error;
}
