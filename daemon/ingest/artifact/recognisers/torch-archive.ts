import { isObject, type Json } from '../../../protocol/json.ts';
import type { ModelFacts, SignatureField, Tensor } from '../../../protocol/artifact.ts';
import { parseJson } from '../../../formats/text/json.ts';
import { classOf } from '../../../formats/pickle/pickle-value.ts';
import { FormatError } from '../../../formats/source.ts';
import type { TorchFile } from '../../../formats/torch/torch.ts';
import { field, numbers } from '../../../formats/text/json-access.ts';
import { tensorsInModule } from './weights.ts';

type ArchiveFacts = Pick<
  ModelFacts,
  'frameworkVersion' | 'modelClass' | 'tensors' | 'metrics' | 'metadata' | 'signature'
>;

/** Data types by the numbers of torch's ScalarType in torch.export. Source: torch/_export/serde/schema.py. */
const scalarTypes = new Map<unknown, readonly [dtype: string, itemSize: number]>([
  [1, ['uint8', 1]],
  [2, ['int8', 1]],
  [3, ['int16', 2]],
  [4, ['int32', 4]],
  [5, ['int64', 8]],
  [6, ['float16', 2]],
  [7, ['float32', 4]],
  [8, ['float64', 8]],
  [12, ['bool', 1]],
  [13, ['bfloat16', 2]],
]);

/** Returns the facts of a TorchScript archive: class, tensors, and the small JSON files that scripts save in `extra/`. */
export function scriptFacts(file: TorchFile): ArchiveFacts {
  const extras = file.members.filter((path) => path.startsWith('extra/')).slice(0, 20);
  const read = extras.map((path): [string, Json] => [
    path.slice('extra/'.length),
    readJson(file, path, 16_384) ?? null,
  ]);
  const values = read.flatMap(([, value]) => Object.entries(numbers(value)));
  return {
    frameworkVersion: null,
    modelClass: classOf(file.object?.root)?.name.slice(0, 200) ?? null,
    tensors: tensorsInModule(file.object?.root),
    metrics: Object.fromEntries(values),
    metadata: read.length === 0 ? {} : { extra: Object.fromEntries(read) },
    signature: null,
  };
}

/** Returns the facts of an archive of torch.export: weights, inputs and outputs, and torch's version. Source: torch/export/pt2_archive. */
export function exportFacts(file: TorchFile): ArchiveFacts {
  const program = file.members.find((path) => /^models\/[^/]+\.json$/.test(path));
  const model = program === undefined ? undefined : readJson(file, program, 16 * 1024 * 1024);
  const version = field(model, 'torch_version');
  return {
    frameworkVersion: typeof version === 'string' ? version.slice(0, 50) : null,
    modelClass: null,
    tensors: file.members
      .filter((path) => path.endsWith('_weights_config.json'))
      .flatMap((path) => weights(file, path)),
    metrics: {},
    metadata: { opset: field(model, 'opset_version') ?? null, schema: field(model, 'schema_version') ?? null },
    signature: signature(field(model, 'graph_module')),
  };
}

function weights(file: TorchFile, path: string): Tensor[] {
  const config = field(readJson(file, path, 16 * 1024 * 1024), 'config');
  if (!isObject(config)) return [];
  return Object.entries(config).flatMap(([name, entry]) => {
    const { dtype, shape } = described(field(entry, 'tensor_meta'));
    const sizes = shape.filter((size) => typeof size === 'number');
    if (sizes.length !== shape.length) return [];
    const itemSize = scalarTypes.get(field(field(entry, 'tensor_meta'), 'dtype'))?.[1];
    const count = sizes.reduce((product, size) => product * size, 1);
    return [{ name, dtype, shape: sizes, bytes: itemSize === undefined ? null : itemSize * count }];
  });
}

function signature(module: Json | undefined): ModelFacts['signature'] {
  const values = field(field(module, 'graph'), 'tensor_values');
  const list = (specs: string, spec: string): SignatureField[] => {
    const all = field(field(module, 'signature'), specs);
    return (Array.isArray(all) ? all : []).slice(0, 200).flatMap((item) => {
      const name = field(field(field(field(item, spec), 'arg'), 'as_tensor'), 'name');
      return typeof name === 'string' ? [{ name, ...described(field(values, name)) }] : [];
    });
  };
  const found = { inputs: list('input_specs', 'user_input'), outputs: list('output_specs', 'user_output') };
  return found.inputs.length + found.outputs.length === 0 ? null : found;
}

function described(meta: Json | undefined): { dtype: string; shape: (number | string)[] } {
  const sizes = field(meta, 'sizes');
  const shape = (Array.isArray(sizes) ? sizes : []).map((size) => {
    const fixed = field(size, 'as_int');
    const dynamic = field(field(size, 'as_expr'), 'expr_str');
    return typeof fixed === 'number' ? fixed : typeof dynamic === 'string' ? dynamic.slice(0, 100) : '?';
  });
  return { dtype: scalarTypes.get(field(meta, 'dtype'))?.[0] ?? 'unknown', shape };
}

function readJson(file: TorchFile, path: string, maxBytes: number): Json | undefined {
  try {
    const source = file.member(path);
    if (source === undefined || source.size > maxBytes) return undefined;
    return parseJson(new TextDecoder().decode(source.read(0, source.size)));
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}
