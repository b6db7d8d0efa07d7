import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sourceOf } from '../../../daemon/formats/source.ts';
import type { LoggedValues, Point, Resume } from '../../../daemon/ingest/run-logs/types.ts';
import { valuesOf, readerOf, sampleBytes } from './sample.ts';

const files = [
  'pytorch/digits-mlp-a/runs/exp1/events.out.tfevents.1795250393.vm.25533.0',
  'tensorflow/logs/train/events.out.tfevents.1795252062.vm.6016.0.v2',
  'lightning/lightning_logs/version_0/events.out.tfevents.1795250413.vm.25554.0',
  'lightning/lightning_logs/version_0/metrics.csv',
  'keras/digits-run1/training.csv',
  'dvc/live/dvclive/plots/metrics/train/loss.tsv',
  'sklearn/wine-variants/metrics.jsonl',
  'spacy/training/log.jsonl',
  'keras/digits-run1/history.json',
  'xgboost/breast-cancer/run-001/evals_result.json',
  'transformers/tiny-bert-cls/trainer_state.json',
  'sacred/runs/1/metrics.json',
  'catboost/catboost_info/test_error.tsv',
  'optuna/journal.log',
  'wandb/wandb/offline-run-20261121_090726-4n3lea50/run-4n3lea50.wandb',
];

interface Gathered {
  series: Record<string, Point[]>;
  params: LoggedValues['params'];
  metrics: LoggedValues['metrics'];
}

/** Reads the file at each of the sizes. Each call continues from the one before, with its state passed as JSON. */
function readInSlices(path: string, versions: Uint8Array[]): Gathered {
  const reader = readerOf(path);
  const gathered: Gathered = { series: {}, params: {}, metrics: {} };
  let resume: Resume | undefined;
  for (const bytes of versions) {
    const result = reader.read(path, sourceOf(bytes), resume);
    if (result.anew === true) Object.assign(gathered, { series: {}, params: {}, metrics: {} });
    resume = JSON.parse(JSON.stringify(result.resume)) as Resume;
    Object.assign(gathered.params, result.values.params);
    Object.assign(gathered.metrics, result.values.metrics);
    for (const [name, points] of Object.entries(result.values.series)) (gathered.series[name] ??= []).push(...points);
  }
  return gathered;
}

test.each(files)('reading %s in any slices gives what reading it at once gives', (path) => {
  const bytes = sampleBytes(path);
  const { series, params, metrics } = valuesOf(path);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
      const sizes = [...cuts.toSorted((a, b) => a - b), bytes.length, bytes.length];
      const gathered = readInSlices(
        path,
        sizes.map((size) => bytes.subarray(0, size)),
      );
      expect(gathered).toEqual({ series, params, metrics });
    }),
    { numRuns: 60 },
  );
});

const text = (lines: string[]): Uint8Array => Buffer.from(lines.map((line) => `${line}\n`).join(''));

test('a CSV that its writer makes anew with a column more gives no point twice', () => {
  const before = text(['epoch,step,loss', '0,1,0.9', '0,2,0.8']);
  const after = text(['epoch,step,loss,val_loss', '0,1,0.9,', '0,2,0.8,', '0,2,,0.7', '1,3,0.6,']);
  const { series } = readInSlices('metrics.csv', [before, after]);
  expect(series['loss']).toEqual([
    [1, null, 0.9],
    [2, null, 0.8],
    [3, null, 0.6],
  ]);
  expect(series['val_loss']).toEqual([[2, null, 0.7]]);
});

test('a CSV that is seen at every byte of being made anew gives no point twice', () => {
  const before = text(['epoch,step,loss', '0,1,0.9', '0,2,0.8']);
  const after = text(['epoch,step,loss,val_loss', '0,1,0.9,', '0,2,0.8,', '0,2,,0.7', '1,3,0.6,']);
  const prefixes = Array.from({ length: after.length + 1 }, (_, size) => after.subarray(0, size));
  const { series } = readInSlices('metrics.csv', [before, ...prefixes]);
  expect(series['loss']?.map(([step]) => step)).toEqual([1, 2, 3]);
  expect(series['val_loss']).toEqual([[2, null, 0.7]]);
});

test('a CSV that another run has overwritten is read from its start', () => {
  const first = text(['epoch,loss', '0,0.9', '1,0.8', '2,0.7']);
  const second = text(['epoch,loss', '0,0.5']);
  expect(readInSlices('training.csv', [first, second]).series['loss']?.at(-1)).toEqual([0, null, 0.5]);
});

test('a JSON log that was cut shorter is read from its start, and what it said before is forgotten', () => {
  const first = text(['{"step": 0, "loss": 1}', '{"step": 1, "loss": 0.5}']);
  const second = text(['{"step": 0, "loss": 2}']);
  expect(readInSlices('metrics.jsonl', [first, second]).series['loss']).toEqual([[0, null, 2]]);
});

test('a history that has grown gives no point twice', () => {
  const versions = ['{"loss": [3, 2]}', '{"loss": [3, 2, 1]}'].map((json) => Buffer.from(json));
  expect(readInSlices('history.json', versions).series['loss']).toEqual([
    [0, null, 3],
    [1, null, 2],
    [2, null, 1],
  ]);
});
