import type { Json } from '../../../protocol/json.ts';
import type { ModelFacts } from '../../../protocol/artifact.ts';
import {
  attributesOf,
  classOf,
  entriesOf,
  entry,
  isNode,
  itemsOf,
  keyText,
} from '../../../formats/pickle/pickle-value.ts';
import type { PickleValue } from '../../../formats/pickle/pickle-value.ts';
import { numberOf } from './scalars.ts';
import { pickleToJson, entriesToJson } from './pickle-to-json.ts';

const maxParams = 300;
const maxName = 300;
const maxDepth = 6;

type EstimatorFacts = Pick<ModelFacts, 'frameworkVersion' | 'params' | 'metrics' | 'metadata'>;

/**
 * Returns the params, scores and version in a pickled scikit-learn estimator. Its state is its attributes: constructor parameters
 * have no underscore at either end, learned attributes have one at the end. Nested params are named like `get_params` does:
 * `ridge__alpha`. Source: scikit-learn's `BaseEstimator`.
 */
export function estimatorFacts(value: PickleValue): EstimatorFacts {
  const attributes = attributesOf(value);
  const params = new Map<string, Json>();
  collectParams(value, '', 0, params);
  const version = entry(attributes, '_sklearn_version');
  return {
    frameworkVersion: typeof version === 'string' ? version.slice(0, 50) : null,
    params: { ...Object.fromEntries(params), ...searched(attributes) },
    metrics: scores(attributes),
    metadata: shape(attributes),
  };
}

function collectParams(value: PickleValue, prefix: string, depth: number, params: Map<string, Json>): void {
  const attributes = attributesOf(value);
  const forest = (itemsOf(entry(attributes, 'estimator_params')) ?? []).length > 0;
  for (const [key, inner] of entriesOf(attributes) ?? []) {
    if (typeof key !== 'string' || /^_|_$/.test(key) || params.size >= maxParams) continue;
    if (forest && /^(base_)?estimator(_params)?$/.test(key)) continue;
    if (classOf(inner) !== undefined && isEstimator(inner)) nested(inner, prefix + key, depth, params);
    else if (!namedSteps(inner, prefix, depth, params)) put(params, prefix + key, pickleToJson(inner));
  }
}

/**
 * Collects the params of named steps, as in a pipeline or a column transformer: pairs of a name and an estimator. False if the
 * value is no such list.
 */
function namedSteps(value: PickleValue, prefix: string, depth: number, params: Map<string, Json>): boolean {
  const steps = (itemsOf(value) ?? []).map((step) => itemsOf(step) ?? []);
  const named =
    steps.length > 0 && steps.length <= 50 && steps.every(([name, inner]) => typeof name === 'string' && isStep(inner));
  if (!named) return false;
  for (const [name, inner] of steps) {
    const key = `${prefix}${keyText(name)}`;
    if (inner !== undefined && isEstimator(inner)) nested(inner, key, depth, params);
    else put(params, key, pickleToJson(inner));
  }
  return true;
}

function isStep(value: PickleValue | undefined): boolean {
  return value === null || value === 'passthrough' || value === 'drop' || (value !== undefined && isEstimator(value));
}

function nested(value: PickleValue, name: string, depth: number, params: Map<string, Json>): void {
  put(params, name, classOf(value)?.name ?? 'object');
  if (depth < maxDepth && name.length <= maxName) collectParams(value, `${name}__`, depth + 1, params);
}

function put(params: Map<string, Json>, key: string, value: Json | undefined): void {
  if (value !== undefined && key !== '__proto__' && key.length <= maxName) params.set(key, value);
}

function isEstimator(value: PickleValue): boolean {
  const module = classOf(value)?.module ?? '';
  return /^(sklearn|imblearn|xgboost|lightgbm|catboost)\b/.test(module) && !module.startsWith('sklearn.utils');
}

function searched(attributes: PickleValue | undefined): Record<string, Json> {
  const best = entriesToJson(entry(attributes, 'best_params_'));
  return Object.fromEntries(Object.entries(best).map(([key, value]) => [`best__${key}`, value]));
}

function scores(attributes: PickleValue | undefined): Record<string, number> {
  const found = ['best_score_', 'oob_score_', 'best_loss_', 'loss_'].flatMap((key): [string, number][] => {
    const number = numberOf(entry(attributes, key));
    return number === undefined ? [] : [[key.slice(0, -1), number]];
  });
  return Object.fromEntries(found);
}

function shape(attributes: PickleValue | undefined): Record<string, Json> {
  const features = numberOf(entry(attributes, 'n_features_in_'));
  const names = featureNames(entry(attributes, 'feature_names_in_'));
  const steps = (itemsOf(entry(attributes, 'steps')) ?? []).flatMap((step) => classOf(itemsOf(step)?.[1])?.name ?? []);
  return {
    ...(features === undefined ? {} : { features }),
    ...(names === undefined ? {} : { featureNames: names }),
    ...(steps.length === 0 ? {} : { steps }),
  };
}

/**
 * Returns the feature names in an array of objects: the last part of its state holds the elements; joblib stores them in a pickle
 * of its own.
 */
function featureNames(value: PickleValue | undefined): string[] | undefined {
  const array = isNode(value) && value.kind === 'array' ? value.items : value;
  const state = isNode(array) && array.kind === 'object' ? itemsOf(array.state) : undefined;
  const names = itemsOf(state?.at(-1));
  return names?.every((name) => typeof name === 'string') === true ? (names as string[]).slice(0, 200) : undefined;
}
