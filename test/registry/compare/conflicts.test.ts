import { expect, test } from 'vitest';
import type { Evidence } from '../../../daemon/protocol/evidence.ts';
import { withConflicts } from '../../../daemon/registry/compare/conflicts.ts';
import { rowsOf } from '../../../daemon/registry/compare/rows.ts';

function evidence(source: string, metrics: Record<string, number | string>, isSeries = false): Evidence {
  const origin = { rule: 'beside' as const, reason: 'beside it', ...(isSeries && { isSeries: true as const }) };
  return { seq: 1, at: 0, actor: 'ana', source, digest: 'sha256:0', metrics, params: {}, origin };
}

function conflictsIn(...columns: Evidence[][]): unknown {
  const rows = rowsOf(columns.map((all) => Object.assign({}, ...all.map(({ metrics }) => metrics)) as object as never));
  const of = columns.map((all) => ({ evidence: all }));
  return withConflicts(rows, of, ({ metrics }) => metrics).map(({ name, conflicts }) => [name, conflicts ?? null]);
}

test('a value at a step of a series contradicts another series, and never a single value', () => {
  const [csv, other] = [evidence('a.csv', { auc: 0.8 }, true), evidence('b.csv', { auc: 0.7 }, true)];
  expect(conflictsIn([csv, evidence('metrics.json', { auc: 0.9 })])).toEqual([['auc', null]]);
  expect(conflictsIn([csv, other], [evidence('metrics.json', { auc: 0.9 })])).toEqual([
    [
      'auc',
      [
        [
          { source: 'a.csv', value: 0.8 },
          { source: 'b.csv', value: 0.7 },
        ],
        null,
      ],
    ],
  ]);
});

test('a rounded value says the same, one digit does not, and NaN contradicts a number', () => {
  const of = (a: number | string, b: number | string): unknown =>
    (conflictsIn([evidence('a.json', { m: a }), evidence('b.json', { m: b })]) as [string, unknown][])[0]?.[1];
  expect(of(0.9553, 0.955_317)).toBeNull();
  expect(of(12.3, 12.34)).toBeNull();
  expect(of(0.9, 0.94)).not.toBeNull();
  expect(of(12, 12.4)).not.toBeNull();
  expect(of('NaN', 0.5)).not.toBeNull();
  expect(of('NaN', 'NaN')).toBeNull();
});
