import type { Tensor } from '../../protocol/artifact.ts';
import { attributesOf, classOf, entriesOf } from '../../formats/pickle-value.ts';
import type { PickleValue } from '../../formats/pickle-value.ts';
import { tensorOf } from '../../formats/torch-tensors.ts';

const MAX_DEPTH = 64;
const MAX_TENSORS = 200_000;
/** Attributes of a torch module that hold its tensors and parts without a name of their own. */
const HOLDERS = new Set(['_parameters', '_buffers', '_modules']);

/** The tensors in a mapping, its mappings included: names joined with a dot, as a state_dict has them. */
export function tensorsInMapping(value: PickleValue | undefined): Tensor[] {
  const tensors: Tensor[] = [];
  walk(value, '', 0, tensors, entriesOf);
  return tensors;
}

/** The tensors of a pickled module, named as its state_dict would; also of TorchScript's modules, where they are plain attributes. */
export function tensorsInModule(value: PickleValue | undefined): Tensor[] {
  const tensors: Tensor[] = [];
  walk(value, '', 0, tensors, (inner) => entriesOf(attributesOf(inner)) ?? entriesOf(inner));
  return tensors;
}

/** True when a value is a module as a whole: an object with `_parameters` and `_modules`. */
export function isModule(value: PickleValue | undefined): boolean {
  const keys = new Set(entriesOf(attributesOf(value))?.map(([key]) => key));
  return classOf(value) !== undefined && keys.has('_parameters') && keys.has('_modules');
}

function walk(
  value: PickleValue | undefined,
  prefix: string,
  depth: number,
  tensors: Tensor[],
  children: (value: PickleValue | undefined) => [PickleValue, PickleValue][] | undefined,
): void {
  if (depth > MAX_DEPTH) return;
  for (const [key, inner] of children(value) ?? []) {
    if ((typeof key !== 'string' && typeof key !== 'number') || tensors.length >= MAX_TENSORS) continue;
    const tensor = tensorOf(inner);
    const name = `${prefix}${key}`.slice(-500);
    if (tensor !== undefined) tensors.push({ name, shape: tensor.shape, dtype: tensor.dtype, bytes: tensor.bytes });
    else walk(inner, HOLDERS.has(String(key)) ? prefix : `${name}.`, depth + 1, tensors, children);
  }
}
