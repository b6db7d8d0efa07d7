import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { samples, until, startWatchingService, type TestService } from '../../support/daemon.ts';

const weights = readFileSync(join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors'));

/** Saves a new model, so long after its folder was made. */
async function save(folder: string, salt: number, restMs: number): Promise<void> {
  const bytes = Buffer.from(weights);
  bytes.writeUInt32LE(salt, bytes.length - 4);
  mkdirSync(folder, { recursive: true });
  await sleep(restMs);
  writeFileSync(join(folder, 'model.safetensors'), bytes);
}

/** Waits until the model is a version, or a save of a running run. */
async function seen(service: TestService, folder: string, since: number): Promise<void> {
  await until(async () => {
    const { artifact } = await service.client.call('GET /why', { path: join(folder, 'model.safetensors') });
    return artifact !== null && artifact.seenAt > since && ['candidate', 'registered'].includes(artifact.state);
  }, `what was saved in ${folder}`);
}

test.each([
  ['the watched folder', '', 100],
  ['the watched folder', '', 1000],
  ["a model's folder", 'churn', 50],
  ["a model's folder", 'churn', 1500],
  ["a run's folder", 'churn/best', 0],
  ["a run's folder", 'churn/best', 300],
])('what is saved is seen after %s (%s) was deleted and made again %i ms later', async (_what, gone, ms) => {
  const service = await startWatchingService();
  const folder = join(service.out, 'churn', 'best');
  for (const [salt, restMs] of [0, 700, 0].entries()) {
    const since = Date.now() - 1;
    await save(folder, salt, restMs);
    await seen(service, folder, since);
    rmSync(join(service.out, gone), { recursive: true });
    await sleep(ms);
  }
});

test('what is saved is seen in a folder that took the place of another', async () => {
  const service = await startWatchingService();
  const [best, next] = [join(service.out, 'churn', 'best'), join(service.out, 'churn', 'next')];
  const began = Date.now() - 1;
  await save(best, 1, 0);
  await seen(service, best, began);
  mkdirSync(next);
  await sleep(1000);
  rmSync(best, { recursive: true });
  renameSync(next, best);
  await sleep(1000);
  const since = Date.now() - 1;
  await save(best, 2, 0);
  await seen(service, best, since);
});
