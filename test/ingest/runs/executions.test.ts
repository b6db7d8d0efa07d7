import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { readManifest } from '../../../daemon/blobs/manifest.ts';
import type { Version } from '../../../daemon/protocol/model.ts';
import { here, until, untilIdle, type Here, type Wanted } from '../../support/daemon.ts';
import { train } from '../../support/trainings.ts';

const isVisible = process.platform === 'linux';

/** A project whose `out` is watched. */
async function watching(wanted: Wanted = {}): Promise<Here> {
  const place = await here(wanted);
  await place.client.call('POST /roots', { path: place.out });
  onTestFinished(() => expect(place.errors).toEqual([]));
  return place;
}

async function versions(place: Here): Promise<Version[]> {
  const { items: models } = await place.client.call('GET /models', {});
  const pages = await Promise.all(
    models.map(({ name }) => place.client.call('GET /models/:model/versions', { model: name })),
  );
  return pages.flatMap(({ items }) => items).toSorted((a, b) => a.seq - b.seq);
}

/** What a version's weights begin with: the seed that its save was given. */
function seed({ daemon }: Here, { digest }: Version): number {
  const [file] = readManifest(daemon.context.blobs, digest);
  return daemon.context.blobs.read(`sha256:${file?.sha256}`).readFloatLE(72);
}

async function count(place: Here, wanted: number, ms = 10_000): Promise<Version[]> {
  return until(
    async () => {
      const found = await versions(place);
      return found.length >= wanted && found;
    },
    `${wanted} versions`,
    ms,
  );
}

test.skipIf(!isVisible)('a loop over one plain path gives its first and its last save', async () => {
  const place = await watching();
  const training = train(
    place.folder,
    `for (let n = 1; n <= 4; n += 1) { save('out/churn/model.safetensors', n); await sleep(2500); }`,
  );
  await training.ended;
  const made = await count(place, 2, 4000);
  expect(made.map((one) => seed(place, one))).toEqual([1, 4]);
  await untilIdle(place);
  expect(await versions(place)).toHaveLength(2);
});

test.skipIf(!isVisible)(
  'saves that are named as checkpoints give one version when their process has ended',
  async () => {
    const place = await watching();
    const losses = [0.4, 0.2, 0.3];
    const training = train(
      place.folder,
      `let n = 0; for (const loss of ${JSON.stringify(losses)}) { n += 1; save('out/churn/epoch=' + n + '-val_loss=' + loss + '.safetensors', n); await sleep(500); }`,
    );
    await training.ended;
    const end = Date.now();
    const [made] = await count(place, 1, 4000);
    expect(Date.now() - end).toBeLessThan(3000);
    expect(seed(place, made!)).toBe(2);
    const { reason } = await place.client.call('GET /why', { path: made!.source.path });
    expect(reason).toContain("best of 3 saves by val_loss 0.2 at epoch 2, from the files' names");
    await untilIdle(place);
    expect(await versions(place)).toHaveLength(1);
  },
);

test.skipIf(!isVisible)('the best of a search stands for its trials in another folder', async () => {
  const place = await watching();
  await train(
    place.folder,
    `for (const n of [1, 2, 3]) { save('out/churn/trials/trial_' + n + '.safetensors', n); await sleep(200); } save('out/churn/best_model.safetensors', 4);`,
  ).ended;
  const [made] = await count(place, 1, 6000);
  expect(seed(place, made!)).toBe(4);
  await sleep(1500);
  expect(await versions(place)).toHaveLength(1);
  const { reason } = await place.client.call('GET /why', { path: join(place.out, 'churn/trials/trial_2.safetensors') });
  expect(reason).toContain('churn@1 was made of churn/best_model.safetensors');
});

test.skipIf(!isVisible)('a script that trains into one folder after another makes a version of each', async () => {
  const place = await watching();
  await train(
    place.folder,
    `for (const n of [1, 2]) { save('out/churn/run' + n + '/best.safetensors', n); await sleep(200); }`,
  ).ended;
  const made = await count(place, 2, 6000);
  expect(made.map((one) => seed(place, one)).toSorted()).toEqual([1, 2]);
});

test.skipIf(!isVisible)('each run of one script over the same path is a version', async () => {
  const place = await watching();
  for (const n of [1, 2, 3]) await train(place.folder, `save('out/churn.safetensors', ${n}); await sleep(500);`).ended;
  const made = await count(place, 3);
  expect(made.map((one) => seed(place, one))).toEqual([1, 2, 3]);
});

test.skipIf(!isVisible)(
  'a checkpoint that the next training overwrites at once is a version of its own training',
  async () => {
    const place = await watching();
    const path = join(place.out, 'churn', 'best.safetensors');
    const training = train(place.folder, `save('out/churn/best.safetensors', 1); await sleep(2500);`);
    await training.ended;
    await sleep(400);
    const next = readFileSync(path);
    next.writeFloatLE(2, 72);
    writeFileSync(path, next);
    const made = await count(place, 2);
    expect(made.map((one) => seed(place, one))).toEqual([1, 2]);
  },
);

test.skipIf(!isVisible)('a training that is killed gives what it had saved', async () => {
  const place = await watching();
  const training = train(place.folder, `save('out/churn/last.safetensors', 1); await sleep(600_000);`);
  await until(
    async () => (await place.client.call('GET /artifacts', { state: 'candidate' })).items[0],
    'the candidate',
  );
  training.kill();
  const [made] = await count(place, 1, 4000);
  expect(seed(place, made!)).toBe(1);
});

test.skipIf(!isVisible)('what a process saves first under a plain name does not wait for its end', async () => {
  const place = await watching();
  const training = train(place.folder, `save('out/churn.safetensors', 1); await sleep(600_000);`);
  await count(place, 1);
  const { runs } = await place.client.call('GET /status', {});
  expect(runs.map(({ execution }) => execution?.script)).toEqual([join(place.folder, 'train.mjs')]);
  training.kill();
});

test.skipIf(!isVisible)(
  'a script that computes for long gives one version meanwhile and one more at its end',
  async () => {
    const place = await watching({ timing: { runQuietMs: 1500 } });
    const training = train(
      place.folder,
      `for (const [n, loss] of [[1, 0.5], [2, 0.3], [3, 0.4]]) { save('out/churn/epoch=' + n + '-val_loss=' + loss + '.safetensors', n); await sleep(n === 1 ? 6000 : 3000); }`,
    );
    const early = await count(place, 1);
    expect(early.map((one) => seed(place, one))).toEqual([1]);
    await training.ended;
    const made = await count(place, 2);
    expect(made.map((one) => seed(place, one))).toEqual([1, 2]);
    await untilIdle(place);
    expect(await versions(place)).toHaveLength(2);
  },
);
