import { expect, test } from 'vitest';
import { reviewDeletion } from '../../../daemon/shared/review/deletion-review.ts';
import { model } from '../../support/models.ts';

const [production] = model().pointers;
const nobody = { references: 0, files: [] };

test('a version that a stage and an alias point to is not deleted, and both are named', () => {
  const champion = { ...production!, kind: 'alias', name: 'champion' } as const;
  const versions = [{ number: 8, size: 75_000 }];
  const facts = { model: 'churn', versions, pointers: [production!, champion], loaders: nobody };
  const { mayDelete, lines } = reviewDeletion(facts);
  expect(mayDelete).toBe(false);
  expect(lines.filter(({ sign }) => sign === 'failed').map(({ text }) => text)).toEqual([
    'v8 is the current version of production',
    'v8 is the current version of @champion',
  ]);
});

test('what loses its way back, who loads it and what stays on disk are named', () => {
  const loaders = { references: 1, files: ['serve.py'] };
  const versions = [{ number: 7, size: 75_000 }];
  const { mayDelete, lines } = reviewDeletion({ model: 'churn', versions, pointers: [production!], loaders });
  expect(mayDelete).toBe(true);
  expect(lines.map(({ text }) => text)).toEqual([
    'production can no longer be rolled back to v7',
    '1 reference in this workspace loads churn@7',
    '75.0 kB of files stay for 7 days',
  ]);
});

test('versions that nothing points to touch nothing but their files', () => {
  const versions = [1, 2].map((number) => ({ number, size: 500 }));
  const { lines } = reviewDeletion({ model: 'churn', versions, pointers: [production!], loaders: nobody });
  expect(lines.map(({ text }) => text)).toEqual(['1.0 kB of files stay for 7 days']);
});
