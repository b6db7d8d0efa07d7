import { stringify } from 'yaml';
import type { Context } from '../../../context.ts';
import type { VersionRow } from '../../../db/versions.ts';
import type { ModelFacts } from '../../../protocol/artifact.ts';
import type { Json } from '../../../protocol/json.ts';
import { flavorsOf } from './flavors.ts';

/** Version of MLflow that this dialect follows, for `/version` and for generated files. */
export const mlflowVersion = '3.17.2';

/** Files generated for MLflow's clients, so that they can load a version that no MLflow client saved. */
export interface MadeFiles {
  texts: Readonly<Record<string, string>>;
  /** Further paths at which clients expect files of the version: the path, and that of the file. */
  copies: readonly [path: string, of: string][];
}

const none: MadeFiles = { texts: {}, copies: [] };

/** Returns MLmodel and the files that it names, for a version of a known framework; empty for others. `paths`: the version's files. */
export function madeFiles(ctx: Context, row: VersionRow, paths: readonly string[]): MadeFiles {
  const facts = JSON.parse(ctx.blobs.read(row.body.facts).toString('utf8')) as ModelFacts;
  const made = flavorsOf(row.body.framework, { facts, primary: row.body.primary, paths });
  if (!made) return none;
  const document = {
    flavors: made.flavors,
    mlflow_version: mlflowVersion,
    model_uuid: row.model.replaceAll('-', ''),
    utc_time_created: new Date(row.createdAt).toISOString().replace('T', ' ').replace('Z', ''),
    ...signatureOf(facts),
  };
  return { texts: { MLmodel: stringify(document), ...made.texts }, copies: made.copies ?? [] };
}

const types: Readonly<Record<string, string>> = {
  f32: 'float32', float: 'float32', f64: 'float64', double: 'float64', f16: 'float16', i64: 'int64', i32: 'int32',
  i8: 'int8', u8: 'uint8', i16: 'int16', bool: 'bool',
}; // prettier-ignore

type Field = NonNullable<ModelFacts['signature']>['inputs'][number];

/** Returns the signature that the format records, without unnamed outputs; empty for none. */
function signatureOf({ signature, framework }: ModelFacts): { signature?: { inputs: string; outputs?: string } } {
  if (!signature || signature.inputs.length === 0) return {};
  const { inputs, outputs } = signature;
  const schemaText = (fields: readonly Field[]): string =>
    JSON.stringify(fields.map((field) => (field.shape.length === 0 ? column(field) : tensor(field, framework))));
  return { signature: { inputs: schemaText(inputs), ...(outputs.length > 0 && { outputs: schemaText(outputs) }) } };
}

/** Returns a column of a table. Numbers are doubles, as clients send them and narrower types would refuse them. */
function column({ name, dtype }: Field): Json {
  const isWhole = /^(u?int|[iu]\d)/.test(dtype);
  return { name, type: dtype === 'bool' ? 'boolean' : isWhole ? 'long' : 'double', required: true };
}

/** Returns a tensor of the signature. Keras' only input has no name. */
function tensor({ name, dtype, shape }: Field, framework: string): Json {
  const spec = { dtype: types[dtype] ?? dtype, shape: shape.map((side) => (typeof side === 'number' ? side : -1)) };
  return { ...(framework !== 'keras' && { name }), type: 'tensor', 'tensor-spec': spec };
}
