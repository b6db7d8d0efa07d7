import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { startService, samples, until } from '../support/daemon.ts';

const weights = readFileSync(join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors'));

function save(path: string, salt: number): void {
  const bytes = Buffer.from(weights);
  bytes.writeUInt32LE(salt, bytes.length - 4);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

/** Common ways to arrange models below one folder. */
const layouts: Record<string, string[]> = {
  'files side by side': ['churn.safetensors', 'fraud.safetensors'],
  'a folder a model': ['churn/model.safetensors', 'fraud/model.safetensors'],
  'runs of a model': [
    'churn/run-1/model.safetensors',
    'churn/run-2/model.safetensors',
    'fraud/run-1/model.safetensors',
  ],
  'files and folders': [
    'churn.safetensors',
    'nested/fraud/model.safetensors',
    'nested/a.safetensors',
    'nested/b.safetensors',
  ],
  'one file': ['model.safetensors'],
};

for (const [name, paths] of Object.entries(layouts))
  test(`a proposed plinth.yaml changes no name: ${name}`, { timeout: 30_000 }, async () => {
    const { client, out } = await startService({ timing: { runQuietMs: 300 } });
    await client.call('POST /roots', { path: out });
    const models = async (): Promise<Record<string, number>> => {
      const { items } = await client.call('GET /models', {});
      return Object.fromEntries(items.map((model) => [model.name, model.versions]));
    };
    const total = async (count: number): Promise<Record<string, number> | undefined> => {
      const found = await models();
      return Object.values(found).reduce((sum, one) => sum + one, 0) === count ? found : undefined;
    };
    for (const [at, path] of paths.entries()) save(join(out, path), at + 1);
    const before = await until(() => total(paths.length), 'a version of each', 15_000);
    const { text, path } = await client.call('GET /policy', { path: out });
    writeFileSync(path, text);
    expect((await client.call('GET /policy', { path: out })).problems).toEqual([]);
    // A rules file is read again at most twice a second.
    await new Promise((resolve) => setTimeout(resolve, 600));
    for (const [at, file] of paths.entries()) save(join(out, file), at + 100);
    const after = await until(() => total(2 * paths.length), 'a second version of each', 15_000);
    expect(after).toEqual(Object.fromEntries(Object.entries(before).map(([model, count]) => [model, 2 * count])));
  });
