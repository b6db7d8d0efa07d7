import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { collectEvidence, mergeEvidence, nothingOwn, plain } from '../../../daemon/ingest/register/evidence.ts';
import { readRunLog, type RunLog } from '../../../daemon/ingest/run-logs/cache.ts';
import { pointsOf } from '../../../daemon/ingest/run-logs/series.ts';
import type { Point } from '../../../daemon/ingest/run-logs/types.ts';
import { copySample, temporary } from '../../support/daemon.ts';
import { logAt } from './sample.ts';

function put(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

function read(folder: string, path: string): RunLog {
  return logAt(path, folder);
}

function pointsIn({ values }: RunLog, name: string): Point[] {
  const series = values.series[name];
  return series ? pointsOf(series) : [];
}

function steps(log: RunLog, name: string): (number | null)[] {
  return pointsIn(log, name).map(([step]) => step);
}

test("dvclive's metrics are named by where their files stand below the run", () => {
  const run = copySample('dvc/live', join(temporary(), 'live'));
  const loss = read(run, join(run, 'dvclive', 'plots', 'metrics', 'train', 'loss.tsv'));
  expect(Object.keys(loss.values.series)).toEqual(['train/loss']);
});

test('a log that grows is read on from where it ended', () => {
  const folder = temporary();
  const path = put(folder, 'metrics.csv', 'step,loss\n1,0.9\n2,0.8\n');
  expect(steps(read(folder, path), 'loss')).toEqual([1, 2]);
  appendFileSync(path, '3,0.7\n');
  expect(steps(read(folder, path), 'loss')).toEqual([1, 2, 3]);
});

test('a log that another run wrote over starts anew, be it shorter, longer or another file', () => {
  const folder = temporary();
  const path = put(folder, 'metrics.csv', 'step,loss\n1,0.9\n2,0.8\n');
  read(folder, path);
  writeFileSync(path, 'step,loss\n1,0.5\n');
  expect(pointsIn(read(folder, path), 'loss').map(([, , value]) => value)).toEqual([0.5]);
  writeFileSync(path, 'step,loss\n10,0.4\n20,0.3\n30,0.2\n');
  expect(steps(read(folder, path), 'loss')).toEqual([10, 20, 30]);
  renameSync(put(folder, 'other', 'step,loss\n10,0.4\n20,0.3\n30,0.2\n40,0.1\n'), path);
  expect(steps(read(folder, path), 'loss')).toEqual([10, 20, 30, 40]);
});

test('a log of more points than a reader takes at once is read to its end', { timeout: 60_000 }, () => {
  const folder = temporary();
  const rows = Array.from({ length: 1_200_000 }, (_, step) => `${step},${step}`);
  const path = put(folder, 'metrics.csv', `step,loss\n${rows.join('\n')}\n`);
  const points = pointsIn(read(folder, path), 'loss');
  expect(points.at(-1)).toEqual([1_199_999, null, 1_199_999]);
  expect(points.length).toBeLessThanOrEqual(20_000);
});

test('names that objects have of their own are names of metrics like any other', () => {
  const folder = temporary();
  const path = put(folder, 'metrics.jsonl', '{"step":1,"constructor":0.5,"toString":1}\n');
  appendFileSync(path, '{"step":2,"constructor":0.25}\n');
  const hostile = put(folder, 'metrics.json', '{"__proto__":{"polluted":1},"constructor":2,"hasOwnProperty":3}');
  const evidence = collectEvidence(nothingOwn, [read(folder, path), read(folder, hostile)], folder);
  const { metrics } = mergeEvidence(evidence);
  expect(metrics['constructor']).toBe(2);
  expect(metrics['toString']).toBe(1);
  expect(metrics['hasOwnProperty']).toBe(3);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('epoch and step are no metrics beside others, and all there is where nothing else is', () => {
  expect(plain({ epoch: 3, step: 10, val_loss: 0.5 })).toEqual({ val_loss: 0.5 });
  expect(plain({ epoch: 3 })).toEqual({ epoch: 3 });
});

test('the splits that TensorBoard tells apart by folder stay apart', () => {
  const run = copySample('tensorflow/logs', join(temporary(), 'logs'));
  const files = [
    'train/events.out.tfevents.1795252062.vm.6016.0.v2',
    'validation/events.out.tfevents.1795252062.vm.6016.1.v2',
  ];
  const { metrics } = mergeEvidence(
    collectEvidence(
      nothingOwn,
      files.map((file) => read(run, join(run, file))),
      run,
    ),
  );
  expect(metrics['train/epoch_loss']).toBeCloseTo(0.702742874622345, 6);
  expect(metrics['validation/epoch_loss']).toBeCloseTo(0.70329749584198, 6);
});

test('however long a curve is, its peaks stay', () => {
  const folder = temporary();
  const value = (step: number): number => (step === 77_777 ? 99 : step === 33_333 ? -99 : Math.sin(step));
  const rows = Array.from({ length: 200_000 }, (_, step) => `${step},${value(step)}`);
  const path = put(folder, 'metrics.csv', `step,loss\n${rows.join('\n')}\n`);
  const points = pointsIn(read(folder, path), 'loss');
  expect(points.length).toBeLessThanOrEqual(20_000);
  expect(points.filter(([, , at]) => Math.abs(at) === 99).map(([step]) => step)).toEqual([33_333, 77_777]);
  expect(steps(read(folder, path), 'loss').at(-1)).toBe(199_999);
});

test('a long log is left when its time is over, and the next call goes on with it', () => {
  const folder = temporary();
  const rows = Array.from({ length: 400_000 }, (_, step) => `${step},${step}`);
  const path = put(folder, 'metrics.csv', `step,loss\n${rows.join('\n')}\n`);
  let calls = 1;
  while (readRunLog(path, folder, folder, { budgetMs: 0 }) === 'unfinished') calls++;
  expect(calls).toBeGreaterThan(2);
  expect(steps(read(folder, path), 'loss').at(-1)).toBe(399_999);
  const ends = readRunLog(path, folder, folder, { ends: true });
  const last = ends === undefined || ends === 'unfinished' ? [] : pointsIn(ends, 'loss');
  expect(last).toHaveLength(2);
  expect(last.at(-1)).toEqual([399_999, null, 399_999]);
});
