import { readXgboost, type XgboostModel } from '../../../formats/boosters/xgboost.ts';
import type { Json } from '../../../protocol/json.ts';
import type { ModelFacts } from '../../../protocol/artifact.ts';
import type { FileEnding, Recogniser } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { isJsonModel } from './json-model.ts';
import { boundedMetadata } from './metadata.ts';
import { inspectFile, singleFiles } from './single-file.ts';

const jsonName = /^(model|xgb|xgboost|booster|bst)|\.xgb(oost)?\.json$/i;

const endings: readonly FileEnding[] = [
  { ending: '.json', loadRank: 7, mayBeModel: (name) => isJsonModel(name, jsonName), byContent: true },
  { ending: '.ubj', loadRank: 10 },
  { ending: '.xgb', loadRank: 10 },
  { ending: '.bst', loadRank: 10, byContent: true },
];

/** XGBoost's own formats: JSON and UBJSON. */
export const xgboost: Recogniser = {
  name: 'xgboost',
  endings,
  findGroups: (folder) => singleFiles(folder, endings),
  inspect(group, open) {
    return inspectFile(group.primary, open, (source) => ({ state: 'whole', facts: factsOf(readXgboost(source)) }));
  },
};

function factsOf(model: XgboostModel): ModelFacts {
  const { booster, objective, trees, attributes } = model;
  const metrics = metricsOf(attributes);
  const { best_iteration: best } = metrics;
  return modelFacts({
    framework: 'xgboost',
    frameworkVersion: model.version,
    format: `xgboost ${model.format}`,
    modelClass: classOf(attributes['scikit_learn']),
    signature: signatureOf(model),
    params: boundedMetadata(model.params),
    metrics,
    metadata: boundedMetadata({
      booster,
      objective,
      trees,
      ...(best === undefined ? {} : { rounds: best + 1 }),
      attributes: boundedMetadata(attributes),
    }),
  });
}

function signatureOf({ featureNames, featureTypes }: XgboostModel): ModelFacts['signature'] {
  if (featureNames.length === 0) return null;
  return {
    inputs: featureNames.map((name, index) => ({ name, dtype: featureTypes[index] ?? 'float', shape: [] })),
    outputs: [],
  };
}

/** Returns the two numbers that XGBoost's early stopping writes as text attributes. */
function metricsOf(attributes: Record<string, string>): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (const name of ['best_score', 'best_iteration']) {
    const text = attributes[name];
    if (text !== undefined && text.trim() !== '' && !Number.isNaN(Number(text))) metrics[name] = Number(text);
  }
  return metrics;
}

/** Returns the kind of estimator that the scikit-learn wrapper records; null for none. */
function classOf(scikitLearn: string | undefined): string | null {
  if (scikitLearn === undefined) return null;
  let kind: Json | undefined;
  try {
    kind = (JSON.parse(scikitLearn) as { _estimator_type?: Json } | null)?._estimator_type;
  } catch {
    return null;
  }
  if (kind === 'regressor') return 'XGBRegressor';
  if (kind === 'classifier') return 'XGBClassifier';
  return kind === 'ranker' ? 'XGBRanker' : null;
}
