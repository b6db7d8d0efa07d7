import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRunLog, type RunLog } from '../../../daemon/ingest/run-logs/cache.ts';
import { continuationOf, progressOf } from '../../../daemon/ingest/run-logs/progress.ts';
import { temporary } from '../../support/daemon.ts';

function read(path: string, folder: string): RunLog {
  const log = readRunLog(path, folder, folder, { ends: true });
  if (log === undefined || log === 'unfinished') throw new Error(`${path} could not be read`);
  return log;
}

/** Returns the result for a log with steps when others are appended to it, or replace it. */
function told(before: readonly number[], later: readonly number[], isAppended: boolean): string | undefined {
  const folder = temporary();
  const path = join(folder, 'log.csv');
  const rows = (steps: readonly number[]): string => steps.map((step) => `${step},0.5\n`).join('');
  writeFileSync(path, `epoch,val_loss\n${rows(before)}`);
  const first = progressOf(read(path, folder))!;
  if (isAppended) appendFileSync(path, rows(later));
  else writeFileSync(path, `epoch,val_loss\n${rows(later)}`);
  return continuationOf(first, progressOf(read(path, folder), first.metric)!, isAppended);
}

test.for([
  ['the next step', [1, 2, 3], [4], 'same'],
  ['steps from within', [1, 2, 3, 4, 5], [4, 5, 6], 'same'],
  ['one step from within', [1, 2, 3, 4, 5], [4], 'same'],
  ['the first step again', [1, 2, 3], [1, 2], 'another'],
  ['the first step again, after it began again before', [0, 1, 2, 0, 1, 2], [0, 1], 'another'],
  ['the next step, after it began again before', [0, 1, 2, 0, 1, 2], [3], 'same'],
  ['nothing', [1, 2, 3], [], undefined],
] as const)('a log to which %s is appended', ([, before, later, wanted]) => {
  expect(told(before, later, true)).toBe(wanted);
});

test.for([
  ['the next step', [1, 2, 3], [4], 'same'],
  ['steps from within', [10, 20, 30, 40], [30, 40, 50], 'same'],
  ['the first step again', [0, 1, 2], [0], 'another'],
  ['one step from within, which wider steps may have first', [1, 2, 3, 4], [3], undefined],
  ['wider steps from the first', [10, 20, 30, 40], [40, 80], undefined],
  ['steps of another numbering', [1, 2, 3], [500, 1000], undefined],
] as const)('a log in whose place one with %s is written', ([, before, later, wanted]) => {
  expect(told(before, later, false)).toBe(wanted);
});

test('a log without steps tells nothing', () => {
  const folder = temporary();
  const path = join(folder, 'metrics.json');
  writeFileSync(path, '{"auc": 0.9}');
  expect(progressOf(read(path, folder))).toBeUndefined();
});
