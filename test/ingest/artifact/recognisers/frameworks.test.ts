import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pickle } from '../../../../daemon/ingest/artifact/recognisers/pickle.ts';
import { torch } from '../../../../daemon/ingest/artifact/recognisers/torch.ts';
import { factsOf, inspectBytes } from './inspect.ts';

/** Reads a file that the library itself wrote, by the scripts of test/fixtures/make. */
function made(path: string): Uint8Array {
  return readFileSync(new URL(`../../../fixtures/made/${path}`, import.meta.url));
}

test('results of statsmodels are told by their class', () => {
  const inspection = inspectBytes(pickle, 'ols.pkl', made('statsmodels/ols.pkl'));
  expect(inspection.state).toBe('whole');
  expect(factsOf(inspection)).toMatchObject({ framework: 'statsmodels', modelClass: 'RegressionResultsWrapper' });
});

test("fastai's exported learner is told by its class, its model stands for it", () => {
  const inspection = inspectBytes(pickle, 'export.pkl', made('fastai/export.pkl'));
  expect(inspection.state).toBe('whole');
  expect(factsOf(inspection)).toMatchObject({
    framework: 'fastai',
    modelClass: 'TabularModel',
    parameterCount: 30,
    tensorsTotal: 13,
    pickle: { verdict: 'runs code' },
    metadata: { learner: 'fastai.tabular.learner.TabularLearner' },
  });
});

test('a checkpoint of ultralytics is told by its model, with version, params and metrics', () => {
  const inspection = inspectBytes(torch, 'best.pt', made('ultralytics/train/weights/best.pt'));
  expect(inspection.state).toBe('whole');
  expect(factsOf(inspection)).toMatchObject({
    framework: 'ultralytics',
    frameworkVersion: '8.4.190',
    modelClass: 'DetectionModel',
    parameterCount: 48_707,
    params: { task: 'detect', epochs: 2, imgsz: 32, lr0: 0.002 },
    metrics: { 'metrics/mAP50(B)': 0, 'val/cls_loss': 0.05 },
  });
});
