import { stringify } from 'yaml';
import type { Context } from '../../../context.ts';
import type { VersionRow } from '../../../db/versions.ts';
import type { ModelFacts } from '../../../protocol/artifact.ts';
import type { Json } from '../../../protocol/json.ts';
import { flavorsOf } from './flavors.ts';

/** The MLflow whose behaviour ours is, for `/version` and for files that are made for its clients. */
export const mlflowVersion = '3.17.2';

/** Files that are made for MLflow's clients so that they can load a version which no MLflow client saved. */
export interface MadeFiles {
  texts: Readonly<Record<string, string>>;
  /** Files of the version that clients look for at another path too: that path, and the one they have. */
  copies: readonly [path: string, of: string][];
}

const none: MadeFiles = { texts: {}, copies: [] };

/** MLmodel and what it names, for a version whose framework is known; nothing for one that is not. `paths` are the version's. */
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

/** The signature, where the format records one. Outputs are left out where it does not name them. */
function signatureOf({ signature, framework }: ModelFacts): { signature?: { inputs: string; outputs?: string } } {
  if (!signature || signature.inputs.length === 0) return {};
  const { inputs, outputs } = signature;
  const schemaText = (fields: readonly Field[]): string =>
    JSON.stringify(fields.map((field) => (field.shape.length === 0 ? column(field) : tensor(field, framework))));
  return { signature: { inputs: schemaText(inputs), ...(outputs.length > 0 && { outputs: schemaText(outputs) }) } };
}

/** A column of a table. Clients hand over doubles, which nothing narrower would take. */
function column({ name, dtype }: Field): Json {
  const isWhole = /^(u?int|[iu]\d)/.test(dtype);
  return { name, type: dtype === 'bool' ? 'boolean' : isWhole ? 'long' : 'double', required: true };
}

/** Keras' one input has no name of its own. */
function tensor({ name, dtype, shape }: Field, framework: string): Json {
  const spec = { dtype: types[dtype] ?? dtype, shape: shape.map((side) => (typeof side === 'number' ? side : -1)) };
  return { ...(framework !== 'keras' && { name }), type: 'tensor', 'tensor-spec': spec };
}
