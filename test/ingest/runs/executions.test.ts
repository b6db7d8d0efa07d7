import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readManifest } from '../../../daemon/blobs/manifest.ts';
import type { Version } from '../../../daemon/protocol/model.ts';
import { until, untilIdle, startWarmService, type TestService, type ServiceOptions } from '../../support/daemon.ts';
import { train } from '../../support/trainings.ts';

vi.setConfig({ testTimeout: 60_000 });
const isVisible = process.platform === 'linux';

/** Each training is observed in two ways: with visible processes, and without, as on macOS, Windows and network disks. */
interface Way {
  name: string;
  isSeen: boolean;
  wanted: ServiceOptions;
}

const hidden: Way = {
  name: 'where no process can be seen',
  isSeen: false,
  wanted: { seesProcesses: false, timing: { runQuietMs: 5000 } },
};
const seen: Way = { name: 'where processes can be seen', isSeen: true, wanted: {} };
const ways = isVisible ? [seen, hidden] : [hidden];
/** For tests that take long. They run in both ways only with PLINTH_RUNS=whole. */
const slowWays = process.env['PLINTH_RUNS'] === 'whole' ? ways : ways.slice(0, 1);
const endMs = 20_000;

/** Makes a project whose `out` is watched. */
async function watching(wanted: ServiceOptions = {}): Promise<TestService> {
  const service = await startWarmService(wanted);
  onTestFinished(() => expect(service.errors).toEqual([]));
  return service;
}

async function versions(service: TestService): Promise<Version[]> {
  const { items: models } = await service.client.call('GET /models', {});
  const pages = await Promise.all(
    models.map(({ name }) => service.client.call('GET /models/:model/versions', { model: name })),
  );
  return pages.flatMap(({ items }) => items).toSorted((a, b) => a.seq - b.seq);
}

/** Returns the first bytes of a version's weights: the seed that its save was given. */
function seed({ daemon }: TestService, { digest }: Version): number {
  const [file] = readManifest(daemon.context.blobs, digest);
  return daemon.context.blobs.read(`sha256:${file?.sha256}`).readFloatLE(72);
}

async function count(service: TestService, wanted: number, ms = 10_000): Promise<Version[]> {
  return until(
    async () => {
      await sleep(100);
      const found = await versions(service);
      return found.length >= wanted && found;
    },
    `${wanted} versions`,
    ms,
  );
}

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
