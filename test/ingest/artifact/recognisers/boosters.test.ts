import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { computed } from '../../../support/daemon.ts';
import { lightgbm } from '../../../../daemon/ingest/artifact/recognisers/lightgbm.ts';
import { xgboost } from '../../../../daemon/ingest/artifact/recognisers/xgboost.ts';
import { expectedArtifact } from '../../run-logs/sample.ts';
import { factsOf, folderOf, inspectBytes, inspectSample, SAMPLES, statesOfCuts } from './inspect.ts';

test.each([
  ['breast-cancer/run-001', 'model.json'],
  ['breast-cancer/run-001', 'model.ubj'],
  ['breast-cancer/run-002', 'model.json'],
  ['breast-cancer/run-002', 'model.ubj'],
])('the XGBoost model of %s is whole in %s, with the facts of its run', (run, file) => {
  const inspection = inspectSample(xgboost, `xgboost/${run}`, file);
  const expected = expectedArtifact('xgboost', run);
  const facts = factsOf(inspection);
  expect(inspection.state).toBe('whole');
  expect(facts.frameworkVersion).toBe(expected.framework_version.recorded);
  expect(facts.metadata).toMatchObject({
    trees: expected.trees,
    objective: expected.objective,
    attributes: expected.attributes,
  });
  expect(facts.signature?.inputs).toHaveLength(expected.n_features);
  expect(facts.signature?.inputs[0]).toEqual({ name: 'mean_radius', dtype: 'float', shape: [] });
  expect(facts.metrics).toEqual({ best_score: Number(expected.attributes['best_score']), best_iteration: 20 });
  expect(facts.params).toMatchObject({ objective: 'binary:logistic', num_feature: '30' });
});

test("scikit-learn's wrapper names the class", () => {
  expect(factsOf(inspectSample(xgboost, 'xgboost/diabetes-sklearn-api', 'model.json')).modelClass).toBe('XGBRegressor');
});

test.each(['model.json', 'model.ubj'])('XGBoost cut anywhere in %s is partial', (file) => {
  expect(statesOfCuts(xgboost, 'xgboost/breast-cancer/run-001', file)).toEqual(new Set(['partial']));
});

test('JSON that is another model is foreign', () => {
  expect(inspectSample(xgboost, 'catboost', 'model.json').state).toBe('foreign');
  expect(inspectBytes(xgboost, 'model.json', Buffer.from('{"version": [1, 2, 3]}')).state).toBe('foreign');
  expect(inspectBytes(xgboost, 'model.json', Buffer.from('[1, 2]')).state).toBe('foreign');
  expect(inspectBytes(xgboost, 'x.ubj', Buffer.from('PK\u0003\u0004')).state).toBe('foreign');
});

test('XGBoost models are known by their names, other JSON beside them is not', () => {
  const names = ['model.json', 'model_v2.json', 'a.xgb.json', 'a.ubj', 'b.xgb', 'xgb_final.json'];
  const others = [
    'metrics.json',
    'model_metrics.json',
    'model_index.json',
    'model.safetensors.index.json',
    'model_dump.json',
  ];
  expect(xgboost.findGroups(folderOf(...names, ...others)).map(({ primary }) => primary)).toEqual(names.toSorted());
});

test('JSON above 64 MiB is told by its ends', () => {
  const model = readFileSync(new URL('xgboost/breast-cancer/run-001/model.json', SAMPLES));
  const at = model.indexOf('"trees":[') + 9;
  const bytes = Buffer.concat([model.subarray(0, at), Buffer.alloc(65 * 1024 * 1024, 32), model.subarray(at)]);
  const start = computed();
  const inspection = inspectBytes(xgboost, 'model.json', bytes);
  expect(computed() - start).toBeLessThan(500);
  expect(inspection.state).toBe('whole');
  expect(factsOf(inspection)).toMatchObject({ frameworkVersion: '3.2.0', metrics: { best_iteration: 20 } });
  expect(inspectBytes(xgboost, 'model.json', bytes.subarray(0, -1)).state).toBe('partial');
});

test.each(['run-001', 'run-002'])('the LightGBM model of %s is whole, with the facts of its run', (run) => {
  const inspection = inspectSample(lightgbm, `lightgbm/breast-cancer/${run}`, 'model.txt');
  const expected = expectedArtifact('lightgbm', `breast-cancer/${run}`);
  const facts = factsOf(inspection);
  expect(inspection.state).toBe('whole');
  expect(facts.frameworkVersion).toBeNull();
  expect(facts.metadata).toMatchObject({ trees: expected.trees, objective: expected.objective, formatVersion: 'v4' });
  expect(facts.params).toMatchObject({
    learning_rate: expected.params['learning_rate'],
    num_leaves: expected.params['num_leaves'],
  });
  expect(facts.signature?.inputs).toHaveLength(30);
});

test('LightGBM that is cut is never whole', () => {
  const states = statesOfCuts(lightgbm, 'lightgbm/breast-cancer/run-001', 'model.txt', 2000);
  expect(states).toEqual(new Set(['partial', 'unmarked']));
});

test('LightGBM without the line of the Python package is unmarked, with half of it partial', () => {
  const text = readFileSync(new URL('lightgbm/breast-cancer/run-001/model.txt', SAMPLES), 'utf8');
  const end = text.indexOf('end of parameters') + 'end of parameters\n'.length;
  const state = (content: string): string => inspectBytes(lightgbm, 'model.txt', Buffer.from(content)).state;
  expect(state(text.slice(0, end))).toBe('unmarked');
  expect(state(`${text.slice(0, end)}\npandas_cat`)).toBe('partial');
  expect(state(`${text.slice(0, end)}\npandas_categorical:[["a", "b`)).toBe('partial');
  expect(state(`${text.slice(0, end)}\npandas_categorical:[["a", NaN]]\n`)).toBe('whole');
});

test('text that is no LightGBM model is foreign', () => {
  expect(inspectBytes(lightgbm, 'model_summary.txt', Buffer.from('Model: "sequential"\n')).state).toBe('foreign');
  expect(lightgbm.findGroups(folderOf('requirements.txt', 'classification_report.txt'))).toEqual([]);
});

test.each([
  [xgboost, 'model.json', '{"learner":'],
  [xgboost, 'model.ubj', '{L\0\0\0\0\0\0\0\u0007learner'],
  [lightgbm, 'model.txt', 'tree\nversion=v4\n'],
] as const)('%o reads any bytes without an exception', (recogniser, name, head) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (rest) => {
      const bytes = Buffer.concat([Buffer.from(head, 'latin1'), rest]);
      expect(inspectBytes(recogniser, name, bytes).state).not.toBe('whole');
    }),
    { numRuns: 500 },
  );
});

test('XGBoost that is deep or has absurd counts is refused fast', () => {
  const start = computed();
  for (const inner of ['['.repeat(5_000_000), `{"a":`.repeat(1_000_000), `[${'1,'.repeat(3_000_000)}1]`]) {
    expect(inspectBytes(xgboost, 'model.json', Buffer.from(`{"learner":${inner}`)).state).not.toBe('whole');
  }
  expect(computed() - start).toBeLessThan(2000);
});
