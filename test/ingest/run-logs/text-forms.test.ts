import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LoggedValues } from '../../../daemon/ingest/run-logs/types.ts';
import { temporary } from '../../support/daemon.ts';
import { keptValuesAt, readBytes, readerOf, readText } from './sample.ts';

function columns({ series }: LoggedValues): Record<string, number[]> {
  return Object.fromEntries(Object.entries(series).map(([name, points]) => [name, points.map(([, , value]) => value)]));
}

function utf16(text: string, mark = '\ufeff'): Buffer {
  return Buffer.from(mark + text, 'utf16le');
}

describe('tables', () => {
  test.each([
    ['semicolons and decimal commas', 'epoch;loss;val_auc\n1;0,91;0,71\n2;0,52;0,83\n'],
    ['semicolons and points', 'epoch;loss;val_auc\n1;0.91;0.71\n2;0.52;0.83\n'],
    ['tabs', 'epoch\tloss\tval_auc\n1\t0.91\t0.71\n2\t0.52\t0.83\n'],
    ['quoted decimal commas', 'epoch,loss,val_auc\n1,"0,91","0,71"\n2,"0,52","0,83"\n'],
    ['lines of Windows and a mark', '\ufeffepoch,loss,val_auc\r\n1,0.91,0.71\r\n2,0.52,0.83\r\n'],
  ])('one with %s is read', (_what, text) => {
    const values = readText('history.csv', text);
    expect(columns(values)).toEqual({ loss: [0.91, 0.52], val_auc: [0.71, 0.83] });
    expect(values.series['loss']?.map(([step]) => step)).toEqual([1, 2]);
    expect(values.problems).toEqual([]);
  });

  test('a comma between thousands is no decimal mark where other numbers have a point', () => {
    const text = 'epoch,n_seen,loss\n1,"12,000",0.5\n2,"24,000",0.4\n';
    expect(columns(readText('history.csv', text))).toEqual({ n_seen: [12_000, 24_000], loss: [0.5, 0.4] });
    const spread = 'epoch;n_seen;loss\n1;1.234,5;0,5\n2;2.345,5;0,4\n';
    expect(columns(readText('history.csv', spread))).toEqual({ n_seen: [1234.5, 2345.5], loss: [0.5, 0.4] });
  });

  test('a number that could be two is left out and told', () => {
    const values = readText('history.csv', 'epoch,n_seen,loss\n1,"12,000",3\n2,"24,000",2\n');
    expect(columns(values)).toEqual({ loss: [3, 2] });
    expect(values.problems).toEqual(['12,000 in column n_seen may be two numbers; such values are left out']);
  });

  test('one without a head names no metrics', () => {
    const values = readText('metrics.csv', '1,0.9,0.7\n2,0.5,0.8\n');
    expect([values.series, values.metrics]).toEqual([{}, {}]);
    expect(values.problems).toEqual(['it has no head: what its columns mean is not known']);
  });

  test('one whose head has more names than its rows have values is told as damaged', () => {
    const head = 'epoch,steps,acc,active_dims,sparsity,active_dims,sparsity';
    const values = readText('results.csv', `${head}\n1,100,0.8,12.5,0.99\n2,200,0.9,11.5,0.98\n`);
    expect([values.series, values.metrics]).toEqual([{}, {}]);
    expect(values.problems).toEqual([
      'its head has 7 names and its first row 5 values: it is damaged, and nothing of it is used',
    ]);
  });

  test('a row that does not fit the head is skipped and told, and so are two columns of one name', () => {
    const values = readText('metrics.csv', 'step,loss,acc,acc\n1,0.9,1,2\n2,0.8\n3,0.7,3,4\n4,0.6,3,4,5\n');
    expect(columns(values)).toEqual({ loss: [0.9, 0.7] });
    expect(values.problems).toEqual([
      'two of its columns are called acc; they are left out',
      '2 rows have another number of values than the head has names (line 3); skipped',
    ]);
  });

  test('a table of metric and value is what it says, in the order of its steps where it has one', () => {
    const values = readText('metrics.csv', 'metric,value\nauc,0.91\nf1,0.8\n');
    expect([values.metrics, values.series]).toEqual([{ auc: 0.91, f1: 0.8 }, {}]);
    const twice = readText('scores.csv', 'name;score\nauc;0,91\nauc;0,8\nf1;0,5\n');
    expect(twice.metrics).toEqual({ f1: 0.5 });
    expect(twice.problems).toHaveLength(1);
    const long = readText('metrics.csv', 'step,metric,value\n1,loss,0.9\n1,auc,0.5\n2,loss,0.7\n');
    expect(columns(long)).toEqual({ loss: [0.9, 0.7], auc: [0.5] });
  });

  test('rows that nothing orders are metrics only where there is one', () => {
    expect(readText('metrics.csv', 'auc,f1\n0.9,0.8\n').metrics).toEqual({ auc: 0.9, f1: 0.8 });
    expect(readText('results.csv', 'model,auc,f1\nlgbm,0.9,0.8\n').metrics).toEqual({ auc: 0.9, f1: 0.8 });
    const folds = readText('metrics.csv', 'auc,f1\n0.9,0.8\n0.7,0.6\n');
    expect([folds.metrics, folds.series]).toEqual([{}, {}]);
    expect(folds.problems).toEqual([
      'it has 2 rows and no column for the step, so none of its values is used as a metric',
    ]);
    const models = readText('results.csv', ',model,auc\n0,lgbm,0.9\n1,svm,0.7\n');
    expect([models.metrics, models.series, models.problems]).toEqual([{}, {}, []]);
  });

  test('a step of -1 is none', () => {
    const text = 'epoch,steps,cosine_accuracy\n0,-1,0.8\n1,-1,0.9\n-1,-1,0.95\n';
    expect(readText('results.csv', text).series['cosine_accuracy']?.map(([step]) => step)).toEqual([0, 1, null]);
  });

  test("Keras' CSVLogger may call its file training.log, and another program's log of that name says nothing", () => {
    const values = readText('training.log', 'epoch,accuracy,loss,val_loss\n0,0.5,2.2,2.1\n1,0.6,1.9,1.8\n');
    expect(columns(values)).toEqual({ accuracy: [0.5, 0.6], loss: [2.2, 1.9], val_loss: [2.1, 1.8] });
    const other = readText(
      'training.log',
      '2026-11-21 09:00:00,123 INFO epoch 1 loss 0.5\n2026-11-21 09:00:01,123 INFO\n',
    );
    expect([other.series, other.metrics, other.problems]).toEqual([{}, {}, []]);
  });

  test('a single row that is followed by others is taken back', () => {
    const folder = temporary();
    const path = join(folder, 'metrics.csv');
    writeFileSync(path, 'auc,f1\n0.9,0.8\n');
    const read = (): LoggedValues => keptValuesAt(path, folder);
    expect(read().metrics).toEqual({ auc: 0.9, f1: 0.8 });
    appendFileSync(path, '0.7,0.6\n');
    expect(read().metrics).toEqual({});
    expect(read().problems).toHaveLength(1);
  });
});

describe('encodings', () => {
  test.each([
    ['UTF-16 with a mark', utf16('{"auc": 0.87}\r\n')],
    ['UTF-16 without one', utf16('{"auc": 0.87}\r\n', '')],
    ['big-endian UTF-16', utf16('{"auc": 0.87}\r\n').swap16()],
    ['UTF-8 with a mark', Buffer.from('\ufeff{"auc": 0.87}')],
  ])('a document in %s is read', (_what, bytes) => {
    const values = readBytes('metrics.json', bytes);
    expect([values.metrics, values.problems]).toEqual([{ auc: 0.87 }, []]);
  });

  test('a table in UTF-16 is read, and read on when it has grown', () => {
    const folder = temporary();
    const path = join(folder, 'history.csv');
    writeFileSync(path, utf16('epoch,loss\r\n1,0.9\r\n2,0.4\r\n'));
    expect(columns(keptValuesAt(path, folder))).toEqual({ loss: [0.9, 0.4] });
    appendFileSync(path, utf16('3,0.2\r\n', ''));
    expect(columns(keptValuesAt(path, folder))).toEqual({ loss: [0.9, 0.4, 0.2] });
  });

  test('bytes that are not UTF-8 are told, and what they say all the same is read', () => {
    const values = readBytes('metrics.json', Buffer.from('{"pr\u00e9cision": 0.8}', 'latin1'));
    expect(values.metrics).toEqual({ 'pr\u00e9cision': 0.8 });
    expect(values.problems).toEqual(['it is not UTF-8; its letters beyond ASCII are read as those of Windows-1252']);
  });
});

describe('JSON', () => {
  const detectron = [19, 39, 59, 79, 99].map((iteration) =>
    JSON.stringify({ iteration, total_loss: 2 - iteration / 100, lr: 0.001, 'bbox/AP': 30 + iteration / 10 }),
  );

  test.each(['metrics.json', 'metrics.txt', 'log.txt'])('objects a line in %s are a series by their step', (name) => {
    const values = readText(name, `${detectron.join('\n')}\n`);
    expect(values.series['bbox/AP']?.at(-1)).toEqual([99, null, 39.9]);
    expect([values.metrics, values.problems]).toEqual([{}, []]);
  });

  test('a log whose first line was read as a document is a series when it has grown', () => {
    const folder = temporary();
    const path = join(folder, 'metrics.json');
    const [first, ...more] = detectron;
    writeFileSync(path, `${first}\n`);
    expect(keptValuesAt(path, folder).metrics).toMatchObject({ total_loss: 1.81 });
    appendFileSync(path, more.join('\n'));
    const values = keptValuesAt(path, folder);
    expect([values.metrics, values.series['total_loss']?.length]).toEqual([{}, 5]);
  });

  test("mmengine's evaluations stand where the training was, whether they count epochs or iterations", () => {
    const lines = [
      { lr: 0.02, loss: 1.5, epoch: 1, iter: 50, step: 50 },
      { 'coco/bbox_mAP': 0.31, step: 1 },
      { lr: 0.02, loss: 1.1, epoch: 2, iter: 100, step: 100 },
      { 'coco/bbox_mAP': 0.37, step: 2 },
    ];
    const { series } = readText('vis_data/scalars.json', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    expect(series['coco/bbox_mAP']).toEqual([
      [50, null, 0.31],
      [100, null, 0.37],
    ]);
    expect(series['loss']?.map(([step]) => step)).toEqual([50, 100]);
  });

  test('a list without steps is a vector, and everything else is as written', () => {
    const text =
      '{"test": NaN, "up": Infinity, "txt": "nan", "acc": 0.91, "cm": [[5, 1], [2, 9]], "per_class": [0.9, 0.8], "none": null, "ok": true, "nested": {"f1": {"macro": 0.7}}}';
    const values = readText('metrics.json', text);
    expect(values.metrics).toEqual({ test: NaN, up: Infinity, txt: NaN, acc: 0.91, 'nested/f1/macro': 0.7 });
    expect(values.series).toEqual({});
  });

  test('a list goes along steps where its name, its file or a list beside it says so', () => {
    expect(Object.keys(readText('metrics.json', '{"auc": [1, 2], "loss": [2, 1]}').series)).toEqual(['loss']);
    expect(Object.keys(readText('metrics.json', '{"auc": [1, 2], "val_auc": [2, 1]}').series)).toEqual([
      'auc',
      'val_auc',
    ]);
    expect(Object.keys(readText('churn_history.json', '{"auc": [1, 2]}').series)).toEqual(['auc']);
    expect(readText('metrics.json', '{"epoch": [10, 20], "auc": [1, 2]}').series['auc']?.map(([step]) => step)).toEqual(
      [10, 20],
    );
    const models = readText('results.json', '[{"model": "a", "auc": 0.9}, {"model": "b", "auc": 0.7}]');
    expect([models.metrics, models.series]).toEqual([{}, {}]);
    expect(readText('results.json', '[{"auc": 0.9}]').metrics).toEqual({ auc: 0.9 });
  });

  test("W&B's summary says its metrics and nothing of its own", () => {
    const text =
      '{"loss": 0.1, "_step": 9, "_runtime": 3.2, "_timestamp": 1795252000.5, "_wandb": {"runtime": 3}, "cm": {"_type": "table-file", "nrows": 4}}';
    expect(readText('wandb-summary.json', text).metrics).toEqual({ loss: 0.1 });
  });
});

describe('names', () => {
  test.each([
    ['evaluation.json', '{"auc": 0.9}'],
    ['eval_test.json', '{"auc": 0.9}'],
    ['scores.json', '{"auc": 0.9}'],
    ['scores.yaml', 'auc: 0.9\n'],
    ['scores.csv', 'metric,value\nauc,0.9\n'],
    ['report.json', '{"auc": 0.9}'],
    ['classification_report.json', '{"auc": 0.9}'],
    ['all_results.json', '{"auc": 0.9}'],
    ['summary.json', '{"auc": 0.9}'],
    ['summary.csv', 'auc,\n0.9,\n'],
    ['metrics.toml', 'auc = 0.9\n'],
    ['metrics.txt', 'auc: 0.9\n'],
    ['eval_results.txt', '***** Eval results *****\nauc = 0.9\n'],
    ['METRICS.JSON', '{"auc": 0.9}'],
    ['Metrics.csv', 'auc\n0.9\n'],
  ])('%s holds metrics', (name, text) => {
    const values = readText(name, text);
    expect([values.metrics, values.problems]).toEqual([{ auc: 0.9 }, []]);
  });

  test.each([
    ['hyperparams.json', '{"lr": 0.1}'],
    ['hyperparameters.yaml', 'lr: 0.1\n'],
    ['parameters.json', '{"lr": 0.1}'],
    ['cfg.yaml', 'lr: 0.1\n'],
    ['settings.toml', 'lr = 0.1\n'],
    ['training_config.json', '{"lr": 0.1}'],
    ['args.yaml', 'lr: 0.1\n'],
    ['args.json', '{"lr": 0.1}'],
    ['opt.yaml', 'lr: 0.1\n'],
    ['Config.YAML', 'lr: 0.1\n'],
  ])('%s holds params', (name, text) => {
    const values = readText(name, text);
    expect([values.params, values.metrics, values.problems]).toEqual([{ lr: 0.1 }, {}, []]);
    expect(readerOf(name).marksRun).toBe(false);
  });

  test('lines of text that are no metric are told, and none is guessed', () => {
    const values = readText('metrics.txt', 'Accuracy: 0.93\nAccuracy of the best fold was 0.95\nF1: 91%\n');
    expect(values.metrics).toEqual({ Accuracy: 0.93 });
    expect(values.problems).toEqual(['2 of its lines are no `name: number`; left out']);
    expect(readText('log.txt', 'epoch 1 loss: 0.5\nloss: 0.3\n')).toMatchObject({
      metrics: {},
      series: {},
      problems: [],
    });
  });
});
