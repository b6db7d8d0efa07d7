import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startService, samples, until } from '../../support/daemon.ts';

/** Files that the service looks for beside a model, in its run or above it. */
const names = [
  'plinth.yaml',
  '.git',
  '.hydra',
  'MLmodel',
  'args.yaml',
  'config.yaml',
  'dvc.lock',
  'meta.yaml',
  'metrics.csv',
  'metrics.json',
  'mlruns',
  'params.json',
  'requirements.txt',
  'results.csv',
  'trainer_state.json',
  'wandb',
];
const model = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib');

function save(folder: string, name: string): void {
  mkdirSync(folder, { recursive: true });
  symlinkSync(name, join(folder, name));
  cpSync(model, join(folder, 'model.joblib'));
}

test('a link that leads to itself keeps no model from being registered, found at first or saved later', async () => {
  const service = await startService({ timing: { scanEveryMs: 3_600_000 } });
  for (const name of names) save(join(service.out, `found-${name}`), name);
  await service.client.call('POST /roots', { path: service.out });
  for (const name of names) save(join(service.out, `saved-${name}`), name);
  const known = async (): Promise<string[]> => {
    const pages = await Promise.all(
      (['registered', 'duplicate'] as const).map((state) =>
        service.client.call('GET /artifacts', { state, limit: 200 }),
      ),
    );
    return pages.flatMap(({ items }) => items.map(({ path }) => path));
  };
  await until(async () => (await known()).length === names.length * 2, 'every model', 20_000);
  expect(service.errors).toEqual([]);
});
