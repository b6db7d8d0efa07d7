import { isNode, type PickleNode, type PickleValue } from '../pickle/pickle-value.ts';
import { tensorOf, type TorchTensor } from './torch-tensors.ts';

const maxDepth = 64;
const maxTensors = 200_000;
const maxName = 500;
/** Attributes of a torch module that hold its tensors and parts, and add no name of their own. */
const moduleAttributes = new Set(['_parameters', '_buffers', '_modules']);

type Entries = readonly [PickleValue, PickleValue][];

/**
 * Returns the tensors below a value under the names that its state_dict has for them, joined with dots. `entriesOf` returns what
 * a value contains; `isLeft` says which keys of the outermost value are skipped. A pickle may reach one value in many ways, or
 * itself, so a value that was found to contain no tensor is not visited twice.
 */
export function tensorsBelow(
  root: PickleValue | undefined,
  entriesOf: (value: PickleValue | undefined) => Entries,
  isLeft: (key: string) => boolean = () => false,
): [name: string, tensor: TorchTensor][] {
  const found: [string, TorchTensor][] = [];
  const barren = new Set<PickleNode>();
  const onTheWay = new Set<PickleNode>();
  const walk = (value: PickleValue | undefined, prefix: string): void => {
    if (!isNode(value) || barren.has(value) || onTheWay.has(value) || onTheWay.size > maxDepth) return;
    const before = found.length;
    onTheWay.add(value);
    for (const [key, inner] of entriesOf(value)) {
      if ((typeof key !== 'string' && typeof key !== 'number') || found.length >= maxTensors) continue;
      if (onTheWay.size === 1 && isLeft(String(key))) continue;
      const tensor = tensorOf(inner);
      if (tensor) found.push([`${prefix}${key}`.slice(-maxName), tensor]);
      else walk(inner, moduleAttributes.has(String(key)) ? prefix : `${prefix}${key}.`.slice(-maxName));
    }
    onTheWay.delete(value);
    if (found.length === before) barren.add(value);
  };
  walk(root, '');
  return found;
}
