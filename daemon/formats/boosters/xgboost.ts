import type { Json } from '../../protocol/json.ts';
import { readJsonOutline } from '../text/json-outline.ts';
import { FormatError, type Source } from '../source.ts';
import { readUbjson } from './ubjson.ts';

/** Of larger JSON only the beginning and the end are read. */
const maxWalked = 64 * 1024 * 1024;
const endBytes = 64 * 1024;
const maxFeatures = 10_000;

/** Keys that hold trees or weights, of which only the number is read. */
const bulk = new Set(['trees', 'tree_info', 'iteration_indptr', 'weights', 'weight_drop', 'cats', 'tree_param']);

export interface XgboostModel {
  format: 'json' | 'ubjson';
  /** `3.2.0`; null where the file does not say (before 1.0). */
  version: string | null;
  /** `gbtree`, `dart`, `gblinear`. */
  booster: string | null;
  objective: string | null;
  trees: number | null;
  attributes: Record<string, string>;
  featureNames: string[];
  featureTypes: string[];
  /** Feature count, base score and similar, and the objective's own parameters, as text. */
  params: Record<string, Json>;
}

/**
 * Reads an XGBoost model in JSON or UBJSON (XGBoost model schema, doc/model.schema), except its trees; of a JSON file above 64
 * MiB only the beginning and the end. Throws FormatError: `truncated` when it does not end yet, `malformed` when it is something
 * else.
 */
export function readXgboost(source: Source): XgboostModel {
  const head = source.read(0, 2);
  if (head.length < 2) throw new FormatError('truncated', 'The model has no content yet.');
  if (head[0] !== 0x7b) throw new FormatError('malformed', 'This is neither JSON nor UBJSON.');
  const format = isLengthMarker(head[1] ?? 0) ? 'ubjson' : 'json';
  if (format === 'json') assertFirstKey(source);
  if (format === 'json' && source.size > maxWalked) return readEnds(source);
  const skip = (path: readonly string[]): boolean => bulk.has(path.at(-1) ?? '');
  const document = format === 'json' ? readJsonOutline(source, skip) : readUbjson(source, skip);
  return modelOf(format, document);
}

function isLengthMarker(byte: number): boolean {
  return 'iUIlL'.includes(String.fromCharCode(byte));
}

/** Throws unless the first key is one of an XGBoost model. So other large JSON is recognized without reading it. */
function assertFirstKey(source: Source): void {
  const text = Buffer.from(source.read(0, 256)).toString('latin1');
  const key = /^\{\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  if (key === undefined && source.size < 256 && !/^\{\s*[^"\s]/.test(text)) {
    throw new FormatError('truncated', 'The model has no content yet.');
  }
  if (key === undefined || !['learner', 'version', 'Config', 'Model'].includes(key)) {
    throw new FormatError('malformed', 'This JSON is not an XGBoost model.');
  }
}

function modelOf(format: XgboostModel['format'], document: Json): XgboostModel {
  const learner = object(object(document)['learner']);
  if (Object.keys(learner).length === 0) throw new FormatError('malformed', 'This is not an XGBoost model.');
  const booster = object(learner['gradient_booster']);
  const inner = object(booster['gbtree']);
  const model = object(booster['model'] ?? inner['model']);
  const objective = object(learner['objective']);
  return {
    format,
    version: versionOf(object(document)['version']),
    booster: text(booster['name']),
    objective: text(objective['name']),
    trees: typeof model['trees'] === 'number' ? model['trees'] : null,
    attributes: attributesOf(learner['attributes']),
    featureNames: texts(learner['feature_names']),
    featureTypes: texts(learner['feature_types']),
    params: paramsOf(learner['learner_model_param'], objective),
  };
}

function paramsOf(learner: Json | undefined, objective: Record<string, Json>): Record<string, Json> {
  const params: Record<string, Json> = { ...object(learner) };
  for (const [key, value] of Object.entries(objective)) {
    if (key === 'name') params['objective'] = value;
    else if (typeof value === 'object') Object.assign(params, value);
  }
  delete params['__proto__'];
  return params;
}

/** Reads the beginning and the end. The end tells whether the file is complete: keys are written in order, and `version` is last. */
function readEnds(source: Source): XgboostModel {
  const head = Buffer.from(source.read(0, endBytes)).toString('utf8');
  const tail = Buffer.from(source.read(source.size - endBytes, endBytes)).toString('utf8');
  const version = /"version"\s*:\s*(\[\s*\d+\s*,\s*\d+\s*,\s*\d+\s*\])\s*\}\s*$/.exec(tail)?.[1];
  if (version === undefined) throw new FormatError('truncated', 'The model does not end in its version yet.');
  return {
    format: 'json',
    version: versionOf(fragment(version)),
    booster: /"name"\s*:\s*"(gbtree|dart|gblinear)"/.exec(tail)?.[1] ?? null,
    objective: /"objective"\s*:\s*\{\s*"name"\s*:\s*"([^"]*)"/.exec(tail)?.[1] ?? null,
    trees: null,
    attributes: attributesOf(fragment(/"attributes"\s*:\s*(\{[^{}]*\})/.exec(head)?.[1])),
    featureNames: texts(fragment(/"feature_names"\s*:\s*(\[[^[\]]*\])/.exec(head)?.[1])),
    featureTypes: texts(fragment(/"feature_types"\s*:\s*(\[[^[\]]*\])/.exec(head)?.[1])),
    params: { ...object(fragment(/"learner_model_param"\s*:\s*(\{[^{}]*\})/.exec(tail)?.[1])) },
  };
}

function fragment(json: string | undefined): Json {
  try {
    return json === undefined ? null : (JSON.parse(json) as Json);
  } catch {
    return null;
  }
}

function versionOf(version: Json | undefined): string | null {
  return Array.isArray(version) && version.every((part) => typeof part === 'number') ? version.join('.') : null;
}

function attributesOf(value: Json | undefined): Record<string, string> {
  const attributes = Object.create(null) as Record<string, string>;
  for (const [key, entry] of Object.entries(object(value))) if (typeof entry === 'string') attributes[key] = entry;
  return attributes;
}

function object(value: Json | undefined): Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string').slice(0, maxFeatures) : [];
}
