import { attributesOf, entriesOf, entry, type PickleValue } from '../pickle/pickle-value.ts';
import type { Source } from '../source.ts';
import { readTorch, type TorchFile } from './torch.ts';
import type { TorchTensor } from './torch-tensors.ts';
import { tensorsBelow } from './torch-walk.ts';

export interface TorchPlace {
  name: string;
  shape: number[];
  dtype: string;
  /** The offset of the data in the file, in bytes; undefined when its elements do not follow one another. */
  offset: number | undefined;
  layout: string;
}

/** Keys under which scripts store the model, the most reliable first. */
const modelKeys = ['state_dict', 'model_state_dict', 'model_state', 'model', 'net', 'network', 'module', 'weights'];
const trainerState = /^(optim|.*optimizer|sched|.*scheduler|scaler|rng|loops|callbacks)/i;

/**
 * Returns the model's tensors in a file of torch.save, named as in its state_dict, and the position of each. Returns none for an
 * optimizer's state, which is not a model. Throws FormatError.
 */
export function placeTorch(source: Source): TorchPlace[] {
  const file = readTorch(source);
  const root = file.object?.root;
  if (entry(root, 'param_groups') !== undefined && entry(root, 'state') !== undefined) return [];
  for (const key of modelKeys) {
    const places = walked(file, entry(root, key));
    if (places.length > 0) return places;
  }
  return walked(file, root);
}

function walked(file: TorchFile, root: PickleValue | undefined): TorchPlace[] {
  const tensors = tensorsBelow(root, childrenOf, (key) => trainerState.test(key));
  return tensors.map(([name, tensor]) => placeOf(file, name, tensor));
}

/** Returns the entries of a mapping, or the attributes of a module. */
function childrenOf(value: PickleValue | undefined): [PickleValue, PickleValue][] {
  const entries = entriesOf(value) ?? [];
  return entries.length > 0 ? entries : (entriesOf(attributesOf(value)) ?? []);
}

function placeOf(file: TorchFile, name: string, tensor: TorchTensor): TorchPlace {
  const { shape, dtype, stride, storage } = tensor;
  const start = file.storageOffset(storage.key);
  const isWhole = isDense(shape, stride) && storage.itemSize !== null && start !== undefined;
  const layout = isContiguous(shape, stride) ? '' : stride.join(',');
  return { name, shape, dtype, layout, offset: isWhole ? start + storage.offset * storage.itemSize! : undefined };
}

/** True when the elements fill their space without gaps, in any order of the axes. */
function isDense(shape: readonly number[], stride: readonly number[]): boolean {
  if (stride.length !== shape.length) return false;
  const axes = shape.map((size, axis) => ({ size, step: stride[axis] ?? 0 })).filter(({ size }) => size !== 1);
  let expected = 1;
  for (const { size, step } of axes.toSorted((a, b) => a.step - b.step)) {
    if (step !== expected) return false;
    expected *= size;
  }
  return true;
}

function isContiguous(shape: readonly number[], stride: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    if (shape[axis] !== 1 && stride[axis] !== expected) return false;
    expected *= shape[axis] ?? 1;
  }
  return true;
}
