import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { collectEvidence, mergeEvidence, nothingOwn } from '../../../daemon/ingest/register/evidence.ts';
import { diskView } from '../../../daemon/ingest/disk/folder-cache.ts';
import { locateLogsOfRun } from '../../../daemon/ingest/run-logs/locate.ts';
import { copySample, temporary } from '../../support/daemon.ts';
import { keptValuesAt, logAt } from './sample.ts';

function logsIn(run: string): string[] {
  return locateLogsOfRun(diskView(), run).map((path) => relative(run, path));
}

function put(folder: string, name: string, text = ''): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

test("CatBoost's series are read from its tables, not once more from its event files", () => {
  const run = copySample('catboost', join(temporary(), 'run'));
  expect(logsIn(run).toSorted()).toEqual([
    'catboost_info/catboost_training.json',
    'catboost_info/learn_error.tsv',
    'catboost_info/test_error.tsv',
    'catboost_info/time_left.tsv',
  ]);
});

test("beside a model of a run that W&B tracked, the run's log gives its metrics and params", () => {
  const run = copySample('wandb', join(temporary(), 'run'));
  const files = locateLogsOfRun(diskView(), run).map((path) => logAt(path, run));
  const { metrics, params } = mergeEvidence(collectEvidence(nothingOwn, files, run));
  expect(metrics).toEqual({ loss: 1 / 30, 'val/acc': 30 / 31, best_acc: 30 / 31 });
  expect(params).toEqual({ lr: 0.01, layers: 2 });
});

test('of the runs that W&B keeps in one folder only the newest speaks of the run', () => {
  const run = temporary();
  put(run, 'wandb/offline-run-20261121_090726-aaaa/run-aaaa.wandb');
  put(run, 'wandb/run-20261122_010000-bbbb/run-bbbb.wandb');
  put(run, 'wandb/offline-run-20261120_235959-cccc/run-cccc.wandb');
  expect(logsIn(run)).toEqual(['wandb/run-20261122_010000-bbbb/run-bbbb.wandb']);
});

test('a trial of Ray Tune is read from its result.json, from progress.csv where that is missing', () => {
  const run = temporary();
  put(run, 'a/progress.csv');
  put(run, 'b/progress.csv');
  put(run, 'b/result.json');
  put(run, 'b/params.json');
  expect(logsIn(run).toSorted()).toEqual(['a/progress.csv', 'b/params.json', 'b/result.json']);
});

test('a file of many long series gives each of them in fewer points, its ends among them', () => {
  const folder = temporary();
  const names = Array.from({ length: 50 }, (_, at) => `m${at}`);
  const lines = Array.from({ length: 4000 }, (_, step) => `${step},${names.map(() => step).join()}`);
  put(folder, 'metrics.csv', `step,${names.join()}\n${lines.join('\n')}\n`);
  const series = Object.values(keptValuesAt(join(folder, 'metrics.csv'), folder).series);
  expect(series).toHaveLength(50);
  expect(series.flat().length).toBeLessThanOrEqual(60_000);
  for (const points of series) {
    expect(points.length).toBeGreaterThanOrEqual(500);
    expect([points[0], points.at(-1)]).toEqual([
      [0, null, 0],
      [3999, null, 3999],
    ]);
  }
});
