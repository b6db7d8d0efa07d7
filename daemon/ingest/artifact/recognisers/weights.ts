import type { Tensor } from '../../../protocol/artifact.ts';
import { attributesOf, classOf, entriesOf } from '../../../formats/pickle/pickle-value.ts';
import type { PickleValue } from '../../../formats/pickle/pickle-value.ts';
import type { TorchTensor } from '../../../formats/torch/torch-tensors.ts';
import { tensorsBelow } from '../../../formats/torch/torch-walk.ts';

/** The tensors in a mapping, its mappings included: names joined with a dot, as a state_dict has them. */
export function tensorsInMapping(value: PickleValue | undefined): Tensor[] {
  return tensorsBelow(value, (inner) => entriesOf(inner) ?? []).map(described);
}

/** The tensors of a pickled module, named as its state_dict would; also of TorchScript's modules, where they are plain attributes. */
export function tensorsInModule(value: PickleValue | undefined): Tensor[] {
  return tensorsBelow(value, (inner) => entriesOf(attributesOf(inner)) ?? entriesOf(inner) ?? []).map(described);
}

/** True when a value is a module as a whole: an object with `_parameters` and `_modules`. */
export function isModule(value: PickleValue | undefined): boolean {
  const keys = new Set(entriesOf(attributesOf(value))?.map(([key]) => key));
  return classOf(value) !== undefined && keys.has('_parameters') && keys.has('_modules');
}

function described([name, { shape, dtype, bytes }]: [string, TorchTensor]): Tensor {
  return { name, shape, dtype, bytes };
}
