import { readCatboostJson, readCbm, type CatboostModel } from '../../../formats/boosters/catboost.ts';
import type { ModelFacts } from '../../../protocol/artifact.ts';
import { isObject, type Json } from '../../../protocol/json.ts';
import type { FileEnding, Recogniser } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { field, numbers } from '../../../formats/text/json-access.ts';
import { isJsonModel } from './json-model.ts';
import { boundedMetadata } from './metadata.ts';
import { inspectFile, singleFiles } from './single-file.ts';

const jsonName = /^(model|cat_?boost|cb)|[-_.](cat_?boost|cb)[-_.]/i;

const endings: readonly FileEnding[] = [
  { ending: '.cbm', loadRank: 6 },
  { ending: '.cb', loadRank: 6 },
  { ending: '.json', loadRank: 7, mayBeModel: (name) => isJsonModel(name, jsonName), byContent: true },
];

/** CatBoost's own formats: binary and JSON. */
export const catboost: Recogniser = {
  name: 'catboost',
  endings,
  findGroups: (folder) => singleFiles(folder, endings),
  inspect(group, open) {
    return inspectFile(group.primary, open, (source) => {
      const model = source.read(0, 1)[0] === 0x7b ? readCatboostJson(source) : readCbm(source);
      return { state: model.ended ? 'whole' : 'unmarked', facts: factsOf(model) };
    });
  },
};

function factsOf(model: CatboostModel): ModelFacts {
  const { trees, features, featureNames, dimension, info } = model;
  const classes = field(info['class_params'], 'class_names');
  return modelFacts({
    framework: 'catboost',
    frameworkVersion: versionIn(info['catboost_version_info']),
    format: `catboost ${model.format}`,
    signature: featureNames.length < features ? null : signatureOf(featureNames),
    params: boundedMetadata(paramsIn(info['params'])),
    metrics: metricsIn(field(info['training'], 'metrics')),
    metadata: boundedMetadata({
      trees,
      features,
      dimension,
      classes: Array.isArray(classes) ? classes.slice(0, 1000) : null,
      guid: info['model_guid'] ?? null,
      trainFinishTime: info['train_finish_time'] ?? null,
    }),
  });
}

function signatureOf(names: readonly string[]): ModelFacts['signature'] {
  return names.length === 0
    ? null
    : { inputs: names.map((name) => ({ name, dtype: 'feature', shape: [] })), outputs: [] };
}

/** Returns the version, which is recorded only as the git branch of the build: `Branch: tags/v1.2.10`. */
function versionIn(text: Json | undefined): string | null {
  return typeof text === 'string' ? (/^\s*Branch: tags\/v(\d[\w.]{0,30})$/m.exec(text)?.[1] ?? null) : null;
}

/** Returns the params that the user gave (`flat_params`), else all options of the training. */
function paramsIn(params: Json | undefined): Record<string, Json> {
  const flat = field(params, 'flat_params');
  if (isObject(flat)) return flat;
  return isObject(params) ? params : {};
}

/** Returns the best values on the learning set and each test set, and the best iteration, counted from zero. */
function metricsIn(metrics: Json | undefined): Record<string, number> {
  const tests = field(metrics, 'test_best_error');
  const sets = Array.isArray(tests) ? tests.slice(0, 20) : [];
  const found = sets.map((values, index) => numbers(values, index === 0 ? 'test/' : `test${index}/`));
  const best = field(metrics, 'best_iteration');
  return Object.assign(
    numbers(field(metrics, 'learn_best_error'), 'learn/'),
    ...found,
    typeof best === 'number' ? { best_iteration: best } : {},
  ) as Record<string, number>;
}
