import type { Tensor } from '../../../protocol/artifact.ts';
import { attributesOf, classOf, entriesOf } from '../../../formats/pickle/pickle-value.ts';
import type { PickleValue } from '../../../formats/pickle/pickle-value.ts';
import type { TorchTensor } from '../../../formats/torch/torch-tensors.ts';
import { tensorsBelow } from '../../../formats/torch/torch-walk.ts';

/** Returns the tensors in a mapping and its nested mappings, with names joined by a dot as in a state_dict. */
export function tensorsInMapping(value: PickleValue | undefined): Tensor[] {
  return tensorsBelow(value, (inner) => entriesOf(inner) ?? []).map(described);
}

/** Returns the tensors of a pickled module, named as in its state_dict. In TorchScript's modules they are plain attributes. */
export function tensorsInModule(value: PickleValue | undefined): Tensor[] {
  return tensorsBelow(value, (inner) => entriesOf(attributesOf(inner)) ?? entriesOf(inner) ?? []).map(described);
}

/** True for a pickled module: an object with `_parameters` and `_modules`. */
export function isModule(value: PickleValue | undefined): boolean {
  const keys = new Set(entriesOf(attributesOf(value))?.map(([key]) => key));
  return classOf(value) !== undefined && keys.has('_parameters') && keys.has('_modules');
}

function described([name, { shape, dtype, bytes }]: [string, TorchTensor]): Tensor {
  return { name, shape, dtype, bytes };
}
