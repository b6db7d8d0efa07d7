import type { ModelFacts } from '../../../protocol/artifact.ts';
import { readTensorBundle, type TensorBundle } from '../../../formats/tensorflow/tensor-bundle.ts';
import type { OpenFile } from '../recogniser.ts';
import { countParameters } from './facts.ts';

const shardName = /^(.+)\.data-(\d{5})-of-(\d{5})$/;
/** Variables of a checkpoint that are not the model's. Keras' `_all_variables` repeats those of `variables`. */
const notLearned =
  /(^|\/)(_all_variables|_?optimizer|\.OPTIMIZER_SLOT|save_counter|_?iterations?|keras_api|step|epoch)(\/|$)/;

/** Returns the data files of a TensorFlow checkpoint among `names`, sorted, and a sentence if one is missing. */
export function dataFiles(names: Iterable<string>, prefix: string): { files: string[]; missing: string | undefined } {
  const files = [...names].filter((name) => shardName.exec(name)?.[1] === prefix).toSorted();
  const total = Number(shardName.exec(files[0] ?? '')?.[3] ?? 1);
  const lacking = total - files.length;
  return { files, missing: lacking > 0 ? `${lacking} of ${total} data files are missing.` : undefined };
}

/**
 * Reads the variables under a prefix such as `variables/variables`. Returns a sentence if data files are missing. Throws
 * FormatError for the index's contents.
 */
export function readVariables(prefix: string, open: OpenFile): TensorBundle | string {
  const index = open(`${prefix}.index`);
  if (index === undefined) return `${prefix}.index cannot be read.`;
  const bundle = readTensorBundle(index);
  for (const [shard, bytes] of bundle.shardBytes) {
    const path = `${prefix}.data-${digits(shard)}-of-${digits(bundle.shards)}`;
    const size = open(path)?.size;
    if (size === undefined) return `${path} is missing.`;
    if (size < bytes) return `${path} has ${size} of its ${bytes} bytes.`;
  }
  return bundle;
}

function digits(number: number): string {
  return String(number).padStart(5, '0');
}

/** Returns the facts that a checkpoint's variables give. Optimizer state and counters do not count as parameters. */
export function variableFacts(bundle: TensorBundle): Pick<ModelFacts, 'tensors' | 'tensorsTotal' | 'parameterCount'> {
  const tensors = bundle.tensors.filter(({ dtype }) => dtype !== 'string');
  const learned = tensors.filter(({ name }) => !notLearned.test(name));
  const whole = bundle.total === bundle.tensors.length;
  const texts = bundle.tensors.length - tensors.length;
  return {
    tensors: tensors.map(({ name, ...rest }) => ({
      name: name.replace(/\/\.ATTRIBUTES\/VARIABLE_VALUE$/, ''),
      ...rest,
    })),
    tensorsTotal: bundle.total - texts,
    parameterCount: whole && learned.length > 0 ? countParameters(learned) : null,
  };
}
