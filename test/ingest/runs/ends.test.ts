import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { until, untilIdle } from '../../support/daemon.ts';
import { train } from '../../support/trainings.ts';
import { count, endMs, isVisible, seed, slowWays, versions, watching, ways } from './watched-training.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Three epochs that are logged again, and whose best save is overwritten by the next training. */
const epochs = (first: number): string => `
  put('out/churn/log.csv', 'epoch,val_loss\\n');
  for (let n = 0; n < 3; n += 1) {
    await sleep(700);
    appendFileSync('out/churn/log.csv', (n + 1) + ',' + (${first} - n) / 100 + '\\n');
    save('out/churn/best.safetensors', ${first} + n);
  }
  await sleep(700);`;

test.for(ways)('a log that starts again at its first step is of another training, $name', async ({ wanted }) => {
  const service = await watching(wanted);
  await train(service.folder, epochs(10)).ended;
  await train(service.folder, epochs(20)).ended;
  const made = await count(service, 2, endMs);
  expect(made.map((one) => seed(service, one))).toEqual([12, 22]);
  expect(made[0]!.metrics['val_loss'] ?? 0.08).toBe(0.08);
  expect(made[1]!.metrics['val_loss']).toBe(0.18);
});

test.for(slowWays)(
  'a pause of more than three times the time between saves is the end of a training, $name',
  async ({ wanted, isSeen }) => {
    const service = await watching(isSeen ? wanted : { ...wanted, timing: { runQuietMs: 10_000 } });
    const body = (first: number): string =>
      `for (let n = 0; n < 3; n += 1) { save('out/churn/best.safetensors', ${first} + n); await sleep(1000); }`;
    await train(service.folder, body(10)).ended;
    await sleep(isSeen ? 0 : 3500);
    await train(service.folder, body(20)).ended;
    const made = await count(service, 2, endMs);
    expect(made.map((one) => seed(service, one))).toEqual([12, 22]);
  },
);

test.for(ways)(
  'a checkpoint that the next training overwrites at once is kept, and a version where its process was seen to end, $name',
  async ({ wanted, isSeen }) => {
    const service = await watching(wanted);
    const path = join(service.out, 'churn', 'best.safetensors');
    const training = train(service.folder, `save('out/churn/best.safetensors', 1); await sleep(2500);`);
    await training.ended;
    await sleep(400);
    const next = readFileSync(path);
    next.writeFloatLE(2, 72);
    writeFileSync(path, next);
    const made = await count(service, isSeen ? 2 : 1, endMs);
    expect(made.map((one) => seed(service, one))).toEqual(isSeen ? [1, 2] : [2]);
    const { runs } = await service.client.call('GET /runs', {});
    expect(runs.flatMap(({ saves }) => saves).every(({ kept, version }) => kept || version !== null)).toBe(true);
  },
);

test.for(slowWays)('a training that is killed gives what it had saved, $name', async ({ wanted }) => {
  const service = await watching(wanted);
  const training = train(service.folder, `save('out/churn/last.safetensors', 1); await sleep(600_000);`);
  await until(
    async () => (await service.client.call('GET /artifacts', { state: 'candidate' })).items[0],
    'the candidate',
  );
  training.kill();
  const [made] = await count(service, 1, endMs);
  expect(seed(service, made!)).toBe(1);
});

test.skipIf(!isVisible)('a training that is killed and resumed by its command line is one run', async () => {
  const service = await watching();
  const body = `save('out/churn/last.safetensors', Number(args[0])); await sleep(900);`;
  await train(service.folder, `${body} process.kill(process.pid, 'SIGKILL');`, 'train.mjs', ['1']).ended;
  await count(service, 1);
  await train(service.folder, body, 'train.mjs', ['2', '--resume', 'out/churn/last.safetensors']).ended;
  const made = await count(service, 2);
  expect(made.map((one) => seed(service, one))).toEqual([1, 2]);
  const { runs } = await service.client.call('GET /runs', {});
  expect(runs.map(({ resumptions }) => resumptions.map(({ from }) => from?.command.at(-1)))).toEqual([['1']]);
});

test.for(ways)(
  'what a process saves first under a plain name does not wait for its end, $name',
  async ({ wanted, isSeen }) => {
    const service = await watching(wanted);
    const training = train(service.folder, `save('out/churn.safetensors', 1); await sleep(600_000);`);
    await count(service, 1);
    const { runs } = await service.client.call('GET /status', {});
    const script = join(service.folder, 'train.mjs');
    expect(runs.map(({ execution }) => execution?.script)).toEqual(isSeen ? [script] : []);
    training.kill();
  },
);

test.for(ways)('of a version is told whether its writer was seen, $name', async ({ wanted, isSeen }) => {
  const service = await watching(wanted);
  await train(service.folder, `save('out/churn.safetensors', 1); await sleep(500);`).ended;
  await count(service, 1);
  const lineage = await until(async () => {
    const request = { model: 'churn', version: '1' };
    return (await service.client.call('GET /models/:model/versions/:version', request)).lineage ?? undefined;
  }, 'the lineage');
  expect(lineage.process?.script).toBe(isSeen ? join(service.folder, 'train.mjs') : undefined);
  expect(lineage.missing.some((reason) => reason.startsWith('Writer not seen'))).toBe(!isSeen);
});

test.skipIf(!isVisible)(
  'a script that computes for long gives one version meanwhile and one more at its end',
  async () => {
    const service = await watching({ timing: { runQuietMs: 1500 } });
    const training = train(
      service.folder,
      `for (const [n, loss] of [[1, 0.5], [2, 0.3], [3, 0.4]]) { save('out/churn/epoch=' + n + '-val_loss=' + loss + '.safetensors', n); await sleep(n === 1 ? 6000 : 3000); }`,
    );
    const early = await count(service, 1);
    expect(early.map((one) => seed(service, one))).toEqual([1]);
    await training.ended;
    const made = await count(service, 2);
    expect(made.map((one) => seed(service, one))).toEqual([1, 2]);
    await untilIdle(service);
    expect(await versions(service)).toHaveLength(2);
  },
);
