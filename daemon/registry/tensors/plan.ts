import { FormatError } from '../../formats/source.ts';
import { placeTensors, type TensorPlace } from '../../formats/tensors/tensor-places.ts';
import type { TensorNorm } from '../../protocol/tensors.ts';
import { tensorChange, tensorText } from '../compare/tensors.ts';
import { layerOf } from './layers.ts';
import { elementsOf, type Pair } from './measure.ts';
import { withTensorFile, type TensorFile } from './tensor-source.ts';

/** A file of a version or of an artifact on disk. */
export interface VersionFile extends TensorFile {
  name: string;
  size: number;
}

/** Changes that headers show, and the pairs to measure. */
export interface Plan {
  /** One for each name, the baseline's first, in file order. */
  tensors: TensorNorm[];
  pairs: Pair[];
  /** Index in `tensors` of each pair. */
  of: number[];
  /** One sentence each. */
  missing: string[];
}

const maxFiles = 2000;

/** Compares the headers of both sides. Never throws for contents. */
export function plan(before: readonly VersionFile[], after: readonly VersionFile[]): Plan {
  const made: Plan = { tensors: [], pairs: [], of: [], missing: [] };
  const [first, second] = [tensorsIn(before, made.missing), tensorsIn(after, made.missing)];
  const sizes = [before, after].map((files) => new Map(files.map(({ name, size }) => [name, size])));
  for (const name of new Set([...first.keys(), ...second.keys()])) {
    const [a, b] = [first.get(name), second.get(name)];
    const tensor = headerOf(name, a, b);
    made.tensors.push(tensor);
    if (!a || !b || (tensor.change !== null && tensor.change !== 'retyped')) continue;
    tensor.why = whyNot(a, sizes[0]!) ?? whyNot(b, sizes[1]!) ?? otherLayout(a, b);
    if (tensor.why !== null) continue;
    made.of.push(made.tensors.length - 1);
    made.pairs.push({ before: a, after: b });
  }
  return made;
}

/** Returns the tensors of a version by name; of files with the same one the first counts. */
function tensorsIn(files: readonly VersionFile[], missing: string[]): Map<string, TensorPlace> {
  const found = new Map<string, TensorPlace>();
  let reason = '';
  for (const file of files.slice(0, maxFiles)) {
    const { name } = file;
    try {
      for (const tensor of withTensorFile(file, (source) => placeTensors(name, source)))
        if (!found.has(tensor.name)) found.set(tensor.name, tensor);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      reason ||= `${name}: ${error.message}`;
    }
  }
  if (found.size === 0) missing.push(reason || 'There are no files to read tensors from.');
  return found;
}

function headerOf(name: string, before: TensorPlace | undefined, after: TensorPlace | undefined): TensorNorm {
  return {
    name,
    layer: layerOf(name),
    before: before ? tensorText(before) : null,
    after: after ? tensorText(after) : null,
    change: tensorChange(before, after),
    elements: elementsOf(after ?? before ?? { shape: [0] }),
    norm: null,
    base: null,
    relative: null,
    nonFinite: 0,
    why: null,
  };
}

/** Returns why the data of a tensor cannot be read, in one sentence; null if it can. */
export function whyNot(tensor: TensorPlace, sizes: ReadonlyMap<string, number>): string | null {
  const { data, why } = tensor;
  if (!data) return why;
  const size = sizes.get(data.file);
  if (size === undefined) return `Its data is in ${data.file}, which is not a file of the version.`;
  const end = data.packed ? data.packed.at + data.packed.bytes : data.offset + data.bytes;
  return end > size ? `Its data in ${data.file} is cut.` : null;
}

function otherLayout(before: TensorPlace, after: TensorPlace): string | null {
  return before.layout === after.layout ? null : 'Its elements have a different order on each side.';
}
