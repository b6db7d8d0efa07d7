import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { here, samples, untilIdle } from '../../support/daemon.ts';

const weights = readFileSync(join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors'));

test('nothing of a backlog above the limit is taken in, by whatever way its folders are heard of', async () => {
  const place = await here({ timing: { maxExistingBytes: 8000 } });
  for (let run = 0; run < 40; run += 1) {
    const bytes = Buffer.from(weights);
    bytes.writeUInt32LE(run, bytes.length - 4);
    mkdirSync(join(place.out, 'digits', `run-${run}`), { recursive: true });
    writeFileSync(join(place.out, 'digits', `run-${run}`, 'model.safetensors'), bytes);
  }
  const root = await place.client.call('POST /roots', { path: place.out });
  expect(root.counts.found).toBe(40);
  await untilIdle(place);
  expect((await place.client.call('GET /models', {})).items).toEqual([]);
  await untilIdle(place);
  expect((await place.client.call('GET /models', {})).items).toEqual([]);
});

test('scans that are asked for at the same time are one after another, and all are answered', async () => {
  const place = await here();
  await place.client.call('POST /roots', { path: place.out });
  mkdirSync(join(place.out, 'digits'));
  writeFileSync(join(place.out, 'digits', 'model.safetensors'), weights);
  const asked = Array.from({ length: 8 }, () => place.client.call('POST /scan', { path: place.out }));
  const answers = await Promise.all(asked);
  expect(answers.map(({ roots }) => roots[0]?.files)).toEqual(Array.from({ length: 8 }, () => 1));
});
