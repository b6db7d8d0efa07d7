import { expect, test } from 'vitest';
import { catboost } from '../../../../daemon/ingest/artifact/recognisers/catboost.ts';
import { xgboost } from '../../../../daemon/ingest/artifact/recognisers/xgboost.ts';
import { expectedArtifact } from '../../run-logs/sample.ts';
import { factsOf, folderOf, inspectBytes, inspectSample, statesOfCuts } from './inspect.ts';

test.each(['model.cbm', 'model.json'])('the model is whole in %s, with the facts of its run', (file) => {
  const inspection = inspectSample(catboost, 'catboost', file);
  const expected = expectedArtifact('catboost', 'catboost');
  const facts = factsOf(inspection);
  expect(inspection.state).toBe('whole');
  expect(facts).toMatchObject({ framework: 'catboost', frameworkVersion: '1.2.10', params: expected.params });
  expect(facts.metadata).toMatchObject({ trees: expected.trees, features: 13, dimension: 3, classes: [0, 1, 2] });
  expect(facts.metrics['test/MultiClass']).toBeCloseTo(expected.metrics.final['test/MultiClass'] ?? 0, 9);
  expect(facts.metrics['best_iteration']).toBe(4);
});

test('a model that is cut is partial', () => {
  expect(statesOfCuts(catboost, 'catboost', 'model.cbm')).toEqual(new Set(['partial']));
  expect(statesOfCuts(catboost, 'catboost', 'model.json')).toEqual(new Set(['partial']));
});

test('JSON of CatBoost is foreign to XGBoost, and the other way round', () => {
  expect(inspectSample(xgboost, 'catboost', 'model.json').state).toBe('foreign');
  expect(inspectSample(catboost, 'xgboost/breast-cancer/run-001', 'model.json').state).toBe('foreign');
});

test('CatBoost models are known by their names, other files in the folder are not', () => {
  const names = ['a.cbm', 'catboost_v2.json', 'model.json'];
  const others = ['catboost_training.json', 'model_metrics.json', 'settings.json', 'cboe.txt'];
  expect(catboost.findGroups(folderOf(...names, ...others)).map(({ primary }) => primary)).toEqual(names);
});

test('bytes that are no model are foreign', () => {
  expect(inspectBytes(catboost, 'a.cbm', Buffer.from('another file')).state).toBe('foreign');
  expect(inspectBytes(catboost, 'model.json', Buffer.from('{"layers": [1, 2, 3]}')).state).toBe('foreign');
  expect(inspectBytes(catboost, 'a.cbm', Buffer.alloc(0)).state).toBe('partial');
});
