import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startService, samples, untilIdle } from '../../support/daemon.ts';

const weights = readFileSync(join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors'));

test('nothing of a backlog above the limit is taken in, by whatever way its folders are heard of', async () => {
  const service = await startService({ timing: { maxExistingBytes: 8000 } });
  for (let run = 0; run < 40; run += 1) {
    const bytes = Buffer.from(weights);
    bytes.writeUInt32LE(run, bytes.length - 4);
    mkdirSync(join(service.out, 'digits', `run-${run}`), { recursive: true });
    writeFileSync(join(service.out, 'digits', `run-${run}`, 'model.safetensors'), bytes);
  }
  const root = await service.client.call('POST /roots', { path: service.out });
  expect(root.counts.found).toBe(40);
  await untilIdle(service);
  expect((await service.client.call('GET /models', {})).items).toEqual([]);
  await untilIdle(service);
  expect((await service.client.call('GET /models', {})).items).toEqual([]);
});

test('scans that are asked for at the same time are one after another, and all are answered', async () => {
  const service = await startService();
  await service.client.call('POST /roots', { path: service.out });
  mkdirSync(join(service.out, 'digits'));
  writeFileSync(join(service.out, 'digits', 'model.safetensors'), weights);
  const asked = Array.from({ length: 8 }, () => service.client.call('POST /scan', { path: service.out }));
  const answers = await Promise.all(asked);
  expect(answers.map(({ roots }) => roots[0]?.files)).toEqual(Array.from({ length: 8 }, () => 1));
});
