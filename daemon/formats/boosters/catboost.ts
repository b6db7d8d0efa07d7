import type { Json } from '../../protocol/json.ts';
import {
  intField,
  rootTable,
  tableField,
  tablesIn,
  textField,
  vectorField,
  type FlatBuffer,
} from '../containers/flatbuffer.ts';
import { readJsonOutline } from '../text/json-outline.ts';
import { parseJson } from '../text/json.ts';
import { FormatError, type Source } from '../source.ts';
import { ByteWindow } from '../window.ts';

export interface CatboostModel {
  format: 'cbm' | 'json';
  trees: number | null;
  features: number;
  /** Names of the features that have one. */
  featureNames: string[];
  /** Outputs of a tree: 1, or the number of classes. */
  dimension: number | null;
  /** `model_info`: params, training, class_params, model_guid … with JSON texts parsed. */
  info: Record<string, Json>;
  /** False when the file goes on with parts whose length is not recorded (tables of categorical features). */
  ended: boolean;
}

const maxInfo = 100;
/** A value of `model_info` with more bytes is left out. */
const maxValue = 1024 * 1024;
const maxFeatures = 10_000;
/** JSON with more bytes is not read. */
const maxJson = 256 * 1024 * 1024;
const firstKeys = /^\{\s*"(features_info|model_info|oblivious_trees|trees|scale_and_bias|ctr_data)"/;
const bulk = new Set([
  'oblivious_trees',
  'trees',
  'borders',
  'ctr_data',
  'test_metrics_history',
  'learn_metrics_history',
]);

/**
 * Reads a CatBoost model in its own format: `CBM1`, the length of a FlatBuffer (uint32), the FlatBuffer. Source: catboost,
 * libs/model/flatbuffers/model.fbs and features.fbs. Throws FormatError, `truncated` while the FlatBuffer is not complete.
 */
export function readCbm(source: Source): CatboostModel {
  const head = source.read(0, 8);
  const magic = Buffer.from(head.subarray(0, 4)).toString('latin1');
  if (!'CBM1'.startsWith(magic)) throw new FormatError('malformed', 'This is not a CatBoost model.');
  if (head.length < 8) throw new FormatError('truncated', 'The CatBoost model has no content yet.');
  const end = 8 + new DataView(head.buffer, head.byteOffset, 8).getUint32(4, true);
  if (end > source.size) throw new FormatError('truncated', `${source.size} of ${end} bytes are there.`);
  const buffer: FlatBuffer = { bytes: new ByteWindow(source), start: 8, end };
  const root = rootTable(buffer);
  const trees = tableField(buffer, root, 1);
  if (!textField(buffer, root, 0, 100)?.startsWith('Fla') || trees === undefined) {
    throw new FormatError('malformed', 'This is not a CatBoost model.');
  }
  return {
    format: 'cbm',
    trees: vectorField(buffer, trees, 2, 4).count,
    ...featuresIn(buffer, trees),
    dimension: intField(buffer, trees, 0) ?? null,
    info: infoIn(buffer, root),
    ended: vectorField(buffer, root, 3, 4).count === 0 && source.size === end,
  };
}

/** For categorical, float, text and embedding features: the field in TModelTrees, and the field of the name in each feature. */
const featureFields = [[4, 2], [5, 4], [12, 2], [18, 2]] as const; // prettier-ignore

function featuresIn(buffer: FlatBuffer, trees: number): Pick<CatboostModel, 'features' | 'featureNames'> {
  const names: string[] = [];
  let features = 0;
  for (const [field, nameField] of featureFields) {
    const vector = vectorField(buffer, trees, field, 4);
    features += vector.count;
    for (const table of tablesIn(buffer, vector, maxFeatures - names.length)) {
      const name = textField(buffer, table, nameField, 1000);
      if (name !== undefined && name !== '') names.push(name);
    }
  }
  return { features, featureNames: names };
}

function infoIn(buffer: FlatBuffer, root: number): Record<string, Json> {
  const info = Object.create(null) as Record<string, Json>;
  for (const pair of tablesIn(buffer, vectorField(buffer, root, 2, 4), maxInfo)) {
    const key = textField(buffer, pair, 0, 200) ?? '';
    info[key] = parseValue(textField(buffer, pair, 1, maxValue) ?? '');
  }
  return info;
}

/** Parses a value that looks like JSON, as most do. Returns any other as it is. */
function parseValue(value: Json): Json {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return parseJson(value);
  } catch (error) {
    if (error instanceof FormatError) return value;
    throw error;
  }
}

/**
 * Reads a CatBoost model written as JSON, except its trees. Source: catboost, libs/model/model_export/json_model_helpers. Throws
 * FormatError: `truncated` when it does not end yet, `malformed` when it is something else.
 */
export function readCatboostJson(source: Source): CatboostModel {
  const start = Buffer.from(source.read(0, 256)).toString('latin1');
  if (source.size < 64 && /^(\{[^}]*)?$/.test(start))
    throw new FormatError('truncated', 'The model has no content yet.');
  if (!firstKeys.test(start)) throw new FormatError('malformed', 'This JSON is not a CatBoost model.');
  if (source.size > maxJson) throw new FormatError('unsupported', 'The JSON is too large to read.');
  const document = readJsonOutline(source, (path) => bulk.has(path.at(-1) ?? ''));
  const trees = member(document, 'oblivious_trees') ?? member(document, 'trees');
  if (trees === undefined) throw new FormatError('malformed', 'This JSON holds no trees.');
  const info = Object.create(null) as Record<string, Json>;
  for (const [key, value] of Object.entries(recordOf(member(document, 'model_info')))) info[key] = parseValue(value);
  const lists = Object.values(recordOf(member(document, 'features_info'))).filter((list) => Array.isArray(list));
  const names = lists.flat().map((feature) => member(feature, 'feature_id'));
  const bias = member(document, 'scale_and_bias');
  const biases = Array.isArray(bias) ? bias[1] : undefined;
  return {
    format: 'json',
    trees: typeof trees === 'number' ? trees : null,
    features: names.length,
    featureNames: names.filter((name) => typeof name === 'string' && name !== '').slice(0, maxFeatures) as string[],
    dimension: Array.isArray(biases) ? biases.length : null,
    info,
    ended: true,
  };
}

function member(value: Json | undefined, key: string): Json | undefined {
  const record = recordOf(value);
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function recordOf(value: Json | undefined): Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
