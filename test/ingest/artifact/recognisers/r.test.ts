import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readRdsClass } from '../../../../daemon/formats/r/rds.ts';
import { FormatError } from '../../../../daemon/formats/source.ts';
import { startService, until as untilWithin } from '../../../support/daemon.ts';

const made = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'made', 'r');
const until: typeof untilWithin = (look, what) => untilWithin(look, what, 30_000);

test('what R saved of a fitted model is a model of its class, data and lists are none, and a cut file waits', async () => {
  const { client, out } = await startService();
  await client.call('POST /roots', { path: out });
  await sleep(150);
  const reason = async (path: string): Promise<string> => (await client.call('GET /why', { path })).reason;
  const put = (name: string, bytes: Buffer): string => {
    const path = join(out, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    return path;
  };
  const models = ['lm', 'glm', 'kmeans'] as const;
  for (const name of models) put(`${name}-fit.rds`, readFileSync(join(made, `${name}.rds`)));
  const others = ['data', 'list'].map((name) => put(`${name}.rds`, readFileSync(join(made, `${name}.rds`))));
  const cut = put('cut-fit.rds', readFileSync(join(made, 'glm.rds')).subarray(0, 3000));
  for (const name of models) {
    const model = `${name}-fit`;
    const version = await until(
      async () => client.call('GET /models/:model/versions/:version', { model, version: '1' }).catch(() => undefined),
      model,
    );
    expect(version.facts).toMatchObject({ framework: 'r', modelClass: name, metadata: { read: 'by header only' } });
  }
  for (const path of others) await until(async () => (await reason(path)).includes('not a model'), path);
  await until(async () => (await reason(cut)).includes('not complete'), 'waiting');
  expect((await client.call('GET /models', {})).items).toHaveLength(models.length);
});

test('an object of R that is cut or damaged anywhere is refused or read, and nothing else is thrown', () => {
  const bytes = gunzipSync(readFileSync(join(made, 'lm.rds')));
  const read = (one: Buffer): void => {
    try {
      readRdsClass(one);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  };
  for (let length = 0; length < bytes.length; length += 5) read(bytes.subarray(0, length));
  for (let bit = 0; bit < 2000; bit += 1) {
    const damaged = Buffer.from(bytes);
    const at = (bit * 7919) % bytes.length;
    damaged[at] = (damaged[at] ?? 0) ^ (1 << (bit % 8));
    read(damaged);
  }
  expect(readRdsClass(bytes)).toEqual(['lm']);
});
