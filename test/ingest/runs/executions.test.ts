import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { until, untilIdle } from '../../support/daemon.ts';
import { train } from '../../support/trainings.ts';
import { count, endMs, isVisible, seed, slowWays, versions, watching } from './watched-training.ts';

vi.setConfig({ testTimeout: 60_000 });

test.for(slowWays)('a loop over one plain path gives its first and its last save, $name', async ({ wanted }) => {
  const service = await watching(wanted);
  const training = train(
    service.folder,
    `for (let n = 1; n <= 4; n += 1) { save('out/churn/model.safetensors', n); await sleep(2500); }`,
  );
  await training.ended;
  const made = await count(service, 2, endMs);
  expect(made.map((one) => seed(service, one))).toEqual([1, 4]);
  await untilIdle(service);
  expect(await versions(service)).toHaveLength(2);
});

test.for(slowWays)(
  'saves that are named as checkpoints give one version when their training has ended, $name',
  async ({ wanted, isSeen }) => {
    const service = await watching(wanted);
    const losses = [0.4, 0.2, 0.3];
    const training = train(
      service.folder,
      `let n = 0; for (const loss of ${JSON.stringify(losses)}) { n += 1; save('out/churn/epoch=' + n + '-val_loss=' + loss + '.safetensors', n); await sleep(500); }`,
    );
    await training.ended;
    const end = Date.now();
    const [made] = await count(service, 1, endMs);
    if (isSeen) expect(Date.now() - end).toBeLessThan(3000);
    expect(seed(service, made!)).toBe(2);
    const { reason } = await service.client.call('GET /why', { path: made!.source.path });
    expect(reason).toContain("best of 3 saves by val_loss 0.2 at epoch 2, from the files' names");
    await untilIdle(service);
    expect(await versions(service)).toHaveLength(1);
  },
);

test.skipIf(!isVisible)('the best of a search stands for its trials in another folder', async () => {
  const service = await watching();
  await train(
    service.folder,
    `for (const n of [1, 2, 3]) { save('out/churn/trials/trial_' + n + '.safetensors', n); await sleep(200); } save('out/churn/best_model.safetensors', 4);`,
  ).ended;
  const [made] = await count(service, 1, 6000);
  expect(seed(service, made!)).toBe(4);
  await sleep(1500);
  expect(await versions(service)).toHaveLength(1);
  const { reason } = await service.client.call('GET /why', {
    path: join(service.out, 'churn/trials/trial_2.safetensors'),
  });
  expect(reason).toContain('churn@1 was made of churn/best_model.safetensors');
});

test.skipIf(!isVisible)(
  'a script that trains into one folder after another makes a version of each, in that order',
  async () => {
    const service = await watching();
    await train(
      service.folder,
      `for (const n of [3, 1, 2]) { save('out/churn/run' + n + '/best.safetensors', n); await sleep(200); }`,
    ).ended;
    const made = await count(service, 3, 6000);
    expect(made.map((one) => seed(service, one))).toEqual([3, 1, 2]);
  },
);

test.for(slowWays)(
  'each run of one script over the same path is a version where its processes or its files tell, $name',
  async ({ wanted, isSeen }) => {
    const service = await watching(wanted);
    for (const n of [1, 2, 3]) {
      await train(service.folder, `save('out/churn.safetensors', ${n}); await sleep(500);`).ended;
      if (n === 1) await count(service, 1);
    }
    const made = await count(service, isSeen ? 3 : 2, endMs);
    expect(made.map((one) => seed(service, one))).toEqual(isSeen ? [1, 2, 3] : [1, 3]);
    const { runs } = await service.client.call('GET /runs', {});
    const unmade = runs.flatMap(({ saves }) => saves).filter(({ version }) => version === null);
    expect(unmade.map(({ kept }) => kept)).toEqual(isSeen ? [] : [true]);
  },
);

test.for(slowWays)('runs that each write one result are a version each with its own, $name', async ({ wanted }) => {
  const service = await watching(wanted);
  const metrics = (n: number): string => `put('out/churn/metrics.json', JSON.stringify({ auc: (80 + ${n}) / 100 }));`;
  const save = (n: number): string => `save('out/churn/churn.safetensors', ${n}); await sleep(1200);`;
  await train(service.folder, `${save(1)} ${metrics(1)} await sleep(1200);`).ended;
  await train(service.folder, `${save(2)} ${metrics(2)} await sleep(1200);`).ended;
  await train(service.folder, `${metrics(3)} await sleep(1200); ${save(3)}`).ended;
  const made = await until(
    async () => {
      const found = await versions(service);
      return found.length === 3 && found.every((one) => 'auc' in one.metrics) && found;
    },
    'three versions with their results',
    endMs,
  );
  expect(made.map((one) => [seed(service, one), one.metrics['auc']])).toEqual([
    [1, 0.81],
    [2, 0.82],
    [3, 0.83],
  ]);
});
