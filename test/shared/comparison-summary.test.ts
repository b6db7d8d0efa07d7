import { expect, test } from 'vitest';
import { changeOf, judge, judgedChanges, type ComparedMetrics } from '../../daemon/shared/comparison-summary.ts';

type Row = ComparedMetrics['metrics'][number];

function row(name: string, base: number, value: number, direction: 'higher' | 'lower' | null = 'higher'): Row {
  const delta = value - base;
  const better = direction === null || delta === 0 ? null : direction === 'higher' ? delta > 0 : delta < 0;
  return {
    name,
    values: [base, value],
    deltas: [null, delta],
    better: [null, better],
    direction,
    differs: delta !== 0,
  };
}

const noisy = (of: Row): Row => ({ ...of, spread: [{ count: 2, least: 0, most: 5 }, null] });

test('changes are listed from the worst to the best by their share of the baseline, with what is within noise between', () => {
  const rows = [
    row('f1', 0.5, 0.6),
    row('loss', 1, 0.5, 'lower'),
    row('latency', 10, 30, 'lower'),
    noisy(row('auc', 0.5, 0.51)),
    row('same', 1, 1),
    row('odd', 1, 2, null),
  ];
  const changes = judgedChanges(rows, 1);
  expect(changes.map(({ name }) => name)).toEqual(['latency', 'auc', 'f1', 'loss']);
  expect(changes.map(({ gain }) => Math.sign(gain ?? 0))).toEqual([-1, 1, 1, 1]);
  expect(changes[1]?.judgement).toBe('within-noise');
});

test('a change from 0 is judged, but has no share, and stands at the end of its side', () => {
  const changes = judgedChanges([row('a', 1, 0.5), row('b', 0, 1), row('c', 0, 1, 'lower'), row('d', 1, 3)], 1);
  expect(changes.map(({ name, gain }) => [name, gain])).toEqual([
    ['c', null],
    ['a', -0.5],
    ['d', 2],
    ['b', null],
  ]);
});

test('summary, strip and row use one judgement', () => {
  for (const one of [row('a', 1, 2), noisy(row('b', 1, 2)), row('c', 1, 2, null), row('d', 2, 2)])
    expect(changeOf(one, 1).judgement).toBe(judge(one, 1));
});
