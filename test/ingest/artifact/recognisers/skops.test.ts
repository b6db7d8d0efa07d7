import { expect, test } from 'vitest';
import { skops } from '../../../../daemon/ingest/artifact/recognisers/skops.ts';
import { factsOf } from './expected.ts';
import { bytesOf, only } from './on-disk.ts';

test('a skops file has its class and params, and no pickle', () => {
  expect(factsOf(skops, 'sklearn/skops', 'model.skops')).toMatchObject({
    framework: 'scikit-learn',
    format: 'skops',
    modelClass: 'LogisticRegression',
    pickle: null,
    params: { C: 0.5, fit_intercept: true },
    metadata: { skopsVersion: '0.16.0' },
  });
});

test('a cut skops file is partial', () => {
  const whole = bytesOf('sklearn/skops/model.skops');
  for (let length = 0; length < whole.length; length += 97) {
    const group = { primary: 'm.skops', files: ['m.skops'], wholeFolder: false };
    expect(skops.inspect(group, only('m.skops', whole.subarray(0, length))).state).toBe('partial');
  }
});
