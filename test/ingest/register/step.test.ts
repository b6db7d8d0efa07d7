import { expect, test } from 'vitest';
import { stepOf } from '../../../daemon/ingest/register/evidence.ts';
import { modelFacts } from '../../../daemon/ingest/artifact/recognisers/facts.ts';
import type { RunLog } from '../../../daemon/ingest/run-logs/cache.ts';
import { addValues, noValues, valuesOf } from '../../../daemon/ingest/run-logs/series.ts';
import { emptyValues } from '../../../daemon/ingest/run-logs/types.ts';
import type { Json } from '../../../daemon/protocol/json.ts';

function log(series: Record<string, number[]>, first = 0): RunLog {
  const said = emptyValues();
  for (const [name, values] of Object.entries(series))
    said.series[name] = values.map((value, at) => [at + first, null, value]);
  const values = noValues();
  addValues(values, said);
  return { path: '/w/log.csv', reader: 'csv-log', values: valuesOf(values, false) };
}

function step(primary: string, metadata: Record<string, Json>, ...logs: RunLog[]): number | null {
  const group = { primary, files: [primary], wholeFolder: false };
  const files = { root: '/w', folder: '/w', path: `/w/${primary}`, recogniser: 'keras', group };
  return stepOf(files, modelFacts({ framework: 'keras', format: 'keras zip', metadata }), logs);
}

const agreed = { loss: [0.9, 0.5, 0.1], val_loss: [0.8, 0.4, 0.6], val_accuracy: [0.5, 0.9, 0.7] };
const divided = { val_loss: [0.8, 0.6, 0.4, 0.5, 0.7], val_accuracy: [0.5, 0.9, 0.7, 0.95, 0.8] };

test('a save that is called the best stands where the measures of held-out data are best', () => {
  expect(step('best_model.keras', {}, log(agreed))).toBe(1);
  expect(step('best.pt', {}, log(agreed, 1))).toBe(2);
  expect(step('last.pt', {}, log(agreed))).toBeNull();
  expect(step('best.pt', {}, log({ loss: [0.9, 0.1] }))).toBeNull();
});

test('where they differ, the batches that Keras counted tell the epoch, or it is not known', () => {
  expect(step('best.keras', {}, log(divided))).toBeNull();
  expect(step('best.keras', { iterations: 6 }, log(divided))).toBe(2);
  expect(step('best.keras', { iterations: 12 }, log(divided))).toBeNull();
});

test('a folder of Ray Tune stands where its log says, whatever its number', () => {
  const ray = log({ loss: [0.9, 0.6, 0.1] }, 1);
  const trial = { ...ray, values: { ...ray.values, saves: { checkpoint_000000: 1, checkpoint_000002: 3 } } };
  const group = { primary: 'model.pt', files: ['model.pt'], wholeFolder: false };
  const at = (folder: string): number | null =>
    stepOf(
      { root: '/w', folder: `/w/${folder}`, path: `/w/${folder}/model.pt`, recogniser: 'torch', group },
      modelFacts({ framework: 'pytorch', format: 'torch zip' }),
      [trial],
    );
  expect([at('checkpoint_000002'), at('checkpoint_000000'), at('checkpoint_000001')]).toEqual([3, 1, 1]);
});

test('a booster stands at its rounds, which its log counts from 0 or from 1', () => {
  expect(step('ctr.txt', { rounds: 3 }, log({ valid_auc: [0.5, 0.6, 0.7, 0.6] }))).toBe(2);
  expect(step('ctr.txt', { rounds: 3 }, log({ valid_auc: [0.5, 0.6, 0.7, 0.6] }, 1))).toBe(3);
  expect(step('ctr.txt', { rounds: 3 })).toBeNull();
});
