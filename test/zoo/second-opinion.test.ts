import { expect, test } from 'vitest';
import type { Registered } from './registered.ts';
import { compareWithLogged } from './second-opinion.ts';

function registered(metrics: Record<string, number>, params: Record<string, string | number>): Registered {
  const version = {
    number: 1,
    file: 'm.pt',
    names: [],
    sha256: [],
    framework: 'pytorch',
    metrics,
    params,
    problems: [],
  };
  return { models: { net: [version] }, artifacts: {}, isRunning: false };
}

const run = {
  params: { lr: '0.05', width: '32' },
  metrics: {
    'valid-auc': [
      [0, 0.81],
      [1, 0.84],
    ] as [number, number][],
  },
};

test('values that a logger inside the process noted are confirmed, however their name is punctuated', () => {
  expect(compareWithLogged(registered({ valid_auc: 0.84001 }, { lr: 0.05 }), [run])).toEqual({
    compared: 2,
    wrong: [],
  });
});

test('a metric that was never logged and a param of another value are wrong', () => {
  const { compared, wrong } = compareWithLogged(registered({ valid_auc: 0.86 }, { width: 64 }), [run]);
  expect(compared).toBe(2);
  expect(wrong.map(({ reason }) => reason)).toEqual([
    'net@1 has valid_auc 0.86, which was never logged; the last were 0.81, 0.84',
    'net@1 has width 64, but 32 was logged',
  ]);
});

test('what only one of the two knows is not compared', () => {
  expect(compareWithLogged(registered({ f1: 1 }, { seed: 1 }), [run])).toEqual({ compared: 0, wrong: [] });
});
