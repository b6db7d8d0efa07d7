import { expect, test } from 'vitest';
import { readTrainings } from './expectation.ts';
import { pathWith } from './python.ts';
import { train } from './run-training.ts';

/** Trainings with the right result that take seconds. Others are added once they have it. All of them run with `npm run zoo`. */
const right = new Set(
  'C01 C10 C11-watched C62 C65 sklearn-companions sklearn-grid sklearn-metrics-before sklearn-rerun sklearn-several sklearn-stamped sklearn-workers'.split(
    ' ',
  ),
);

const trainings = readTrainings();

test('every training that is to come out right is one of the zoo', () => {
  const names = trainings.map(({ name }) => name);
  expect([...right].filter((name) => !names.includes(name))).toEqual([]);
});

for (const training of trainings.filter(({ name }) => right.has(name)))
  test.concurrent(`what ${training.name} did is what is registered`, { timeout: 300_000 }, async (context) => {
    const found = pathWith(training.expected.needs, false);
    if ('reason' in found) {
      Object.assign(context.task.meta, { reason: found.reason });
      return context.skip(found.reason);
    }
    const outcome = await (await train(training, found.path)).settled;
    context.expect(outcome).toMatchObject({ kind: 'right' });
  });
