import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { runLogReaders } from '../../../daemon/ingest/run-logs/readers.ts';
import { expectedArtifact, valuesOf, readerOf, summaries } from './sample.ts';

const SAMPLES = new URL('../../fixtures/samples/', import.meta.url);

/** Sample, artifact, and the file whose series are exactly those of the artifact. */
const wholeSeries: [string, string, string][] = [
  ['pytorch', 'digits-mlp-a', 'digits-mlp-a/runs/exp1/events.out.tfevents.1795250393.vm.25533.0'],
  ['pytorch', 'digits-mlp-b', 'digits-mlp-b/runs/exp1/events.out.tfevents.1795250394.vm.25533.2'],
  ['lightning', 'lightning_logs/version_0', 'lightning_logs/version_0/metrics.csv'],
  ['lightning', 'lightning_logs/version_1', 'lightning_logs/version_1/metrics.csv'],
  ['keras', 'digits-run1', 'digits-run1/training.csv'],
  ['keras', 'digits-run1', 'digits-run1/history.json'],
  ['keras', 'digits-run2', 'digits-run2/training.csv'],
  ['xgboost', 'breast-cancer/run-001', 'breast-cancer/run-001/evals_result.json'],
  ['xgboost', 'breast-cancer/run-002', 'breast-cancer/run-002/evals_result.json'],
  ['xgboost', 'diabetes-sklearn-api', 'diabetes-sklearn-api/metrics.json'],
  ['lightgbm', 'breast-cancer/run-001', 'breast-cancer/run-001/evals_result.json'],
  ['lightgbm', 'breast-cancer/run-002', 'breast-cancer/run-002/evals_result.json'],
  ['transformers', 'tiny-bert-cls', 'tiny-bert-cls/checkpoint-24/trainer_state.json'],
  ['transformers', 'tiny-gpt2-lm', 'tiny-gpt2-lm/checkpoint-20/trainer_state.json'],
];

test.each(wholeSeries)('of %s, the series of %s are in %s', (sample, id, file) => {
  const values = valuesOf(`${sample}/${file}`);
  const expected = expectedArtifact(sample, id).series;
  expect(Object.keys(expected).length).toBeGreaterThan(0);
  expect(summaries(values)).toEqual(expected);
  expect(Object.keys(values.series)).toEqual(Object.keys(expected));
  expect(values.problems).toEqual([]);
});

test('the scalars that Lightning logs twice are as many in its event file, and its hp_metric of -1 is none', () => {
  const values = valuesOf('lightning/lightning_logs/version_0/events.out.tfevents.1795250413.vm.25554.0');
  const counts = Object.entries(values.series).map(([name, points]) => [name, points.length]);
  expect(Object.fromEntries(counts)).toEqual({ train_loss: 36, epoch: 44, val_loss: 8, val_acc: 8 });
  expect(values.params).toEqual({ hidden: 8, lr: 0.01, dropout: 0 });
});

test('scalars that TensorFlow 2 writes as tensors are read', () => {
  const { series } = expectedArtifact('tensorflow', 'saved_model');
  const train = summaries(valuesOf('tensorflow/logs/train/events.out.tfevents.1795252062.vm.6016.0.v2'));
  const validation = summaries(valuesOf('tensorflow/logs/validation/events.out.tfevents.1795252062.vm.6016.1.v2'));
  const named = (prefix: string, part: typeof train): [string, unknown][] =>
    Object.entries(part).map(([name, summary]) => [`${prefix}/${name}`, summary]);
  expect(Object.fromEntries([...named('train', train), ...named('validation', validation)])).toEqual(series);
});

test.each(['live', 'pipeline'])("dvclive's files of %s give its series, metrics and params", (id) => {
  const expected = expectedArtifact('dvc', id);
  const loss = valuesOf(`dvc/${id}/dvclive/plots/metrics/train/loss.tsv`);
  const accuracy = valuesOf(`dvc/${id}/dvclive/plots/metrics/val/accuracy.tsv`);
  expect({ ...summaries(loss), ...summaries(accuracy) }).toEqual(expected.series);
  expect(valuesOf(`dvc/${id}/dvclive/metrics.json`).metrics).toEqual(expected.metrics.final);
  expect(valuesOf(`dvc/${id}/dvclive/params.yaml`).params).toEqual(expected.params);
});

test.each(['outputs/2026-11-21/08-43-52', 'outputs/2026-11-21/08-43-56', 'multirun/2026-11-21/08-44-00/1'])(
  'the hydra run %s has its config as params and its metrics',
  (id) => {
    const expected = expectedArtifact('hydra', id);
    expect(valuesOf(`hydra/${id}/.hydra/config.yaml`).params).toEqual(expected.params);
    expect(valuesOf(`hydra/${id}/metrics.json`).metrics).toEqual(expected.metrics.final);
  },
);

test.each(['v1', 'v2', 'v3'])('the scikit-learn run %s has its params and metrics', (run) => {
  const expected = expectedArtifact('sklearn', `iris-script/outputs/${run}`);
  const params = valuesOf(`sklearn/iris-script/outputs/${run}/params.yaml`).params;
  expect(params).toMatchObject(expected.params);
  expect(valuesOf(`sklearn/iris-script/outputs/${run}/metrics.json`).metrics).toEqual(expected.metrics.final);
});

test('a metrics file beside a model holds its params, too, and its metrics wrapper says nothing', () => {
  const values = valuesOf('sklearn/diabetes-pickle/model_v2_metrics.json');
  const expected = expectedArtifact('sklearn', 'diabetes-pickle#v2');
  expect(values.params).toEqual(expected.params);
  const final = Object.entries(expected.metrics.final).map(([name, value]) => [name.replace('.', '/'), value]);
  expect(values.metrics).toEqual(Object.fromEntries(final));
});

test.each(['scores.json', 'metrics.jsonl'])('the folds in %s are a series over the folds', (file) => {
  const values = valuesOf(`sklearn/wine-variants/${file}`);
  expect(values.series['accuracy']?.map(([step]) => step)).toEqual([0, 1, 2, 3]);
  expect(Object.keys(values.series)).toEqual(['accuracy', 'f1_macro']);
});

test('a trainer state names its best metric, its params, and that training ended', () => {
  const values = valuesOf('transformers/tiny-bert-cls/trainer_state.json');
  expect(values.best).toEqual({ eval_accuracy: { value: 0.5, step: 8, mode: 'max' } });
  expect(values.params).toEqual({ num_train_epochs: 3, train_batch_size: 16, max_steps: 24 });
  expect(values.metrics).toMatchObject({ epoch: 3, train_loss: 0.6290086805820465 });
  expect(values.status).toBe('finished');
  expect(valuesOf('transformers/tiny-bert-cls/checkpoint-8/trainer_state.json').status).toBeNull();
});

test('hyperparameters are params and an architecture is not', () => {
  expect(valuesOf('pytorch/digits-mlp-a/config.json').params).toEqual(
    expectedArtifact('pytorch', 'digits-mlp-a').params,
  );
  for (const path of ['tiny-bert-cls', 'tiny-gpt2-lm/checkpoint-10']) {
    expect(valuesOf(`transformers/${path}/config.json`).params).toEqual({});
  }
  expect(valuesOf('sentence-transformers/tiny-encoder/1_Pooling/config.json').params).toEqual({});
});

test('torch logs its hparams in an event file of their own', () => {
  const path = 'pytorch/digits-mlp-a/runs/exp1/1795250394.1638632/events.out.tfevents.1795250394.vm.25533.1';
  expect(valuesOf(path).params).toEqual({ lr: 0.005, hidden: 16 });
});

test('a table of results that has no step is not a log', () => {
  expect(valuesOf('sklearn/diabetes-pickle/results.csv').series).toEqual({});
});

test('no file of the samples has two readers, and none gives a problem', () => {
  const entries = readdirSync(SAMPLES, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const read = entries.filter((entry) => runLogReaders.some((reader) => reader.canRead(entry.name)));
  expect(read.length).toBeGreaterThan(60);
  for (const entry of read) {
    const path = `${entry.parentPath}/${entry.name}`.slice(SAMPLES.pathname.length);
    expect([path, readerOf(path).name, valuesOf(path).problems]).toEqual([path, readerOf(path).name, []]);
  }
});

test.each(['feature_importances.csv', 'iris.csv', 'hydra.yaml', 'overrides.yaml', 'train.jsonl', 'tokenizer.json'])(
  '%s has no reader',
  (name) => expect(runLogReaders.filter((reader) => reader.canRead(basename(name)))).toEqual([]),
);

test('files that only trainers write mark a run, files that any script may leave do not', () => {
  const marks = ['trainer_state.json', 'events.out.tfevents.1.a.2.0', 'metrics.csv', 'training.csv', 'progress.csv'];
  for (const name of marks) expect([name, readerOf(name).marksRun]).toEqual([name, true]);
  const others = ['metrics.json', 'params.yaml', 'results.csv', 'metrics.jsonl', 'loss.tsv'];
  for (const name of others) expect([name, readerOf(name).marksRun]).toEqual([name, false]);
});
