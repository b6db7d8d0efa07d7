import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { VerifyReply } from '../../../daemon/protocol/verify.ts';
import { registerVersion } from '../../../daemon/registry/versions/register.ts';
import { startService, samples, type TestService } from '../../support/daemon.ts';
import { facts } from '../plain-facts.ts';

const exported = join(samples, 'pytorch', 'exports');
const index = JSON.stringify({ weight_map: { a: 'w-00001-of-00002.safetensors', b: 'w-00002-of-00002.safetensors' } });

/** Registers a version of these files, as earlier programs and MLflow's clients did. */
async function registered(
  { daemon }: TestService,
  model: string,
  texts: Record<string, string | Buffer>,
): Promise<void> {
  const ctx = daemon.context;
  const files = Object.entries(texts).map(([path, text]) => {
    const bytes = Buffer.from(text);
    return { path, size: bytes.length, sha256: ctx.blobs.put(bytes).slice('sha256:'.length) };
  });
  const primary = files[0]?.path ?? '';
  const source = { kind: 'hand' as const, path: `/${primary}`, run: null, writtenAt: null };
  const rest = { wholeFolder: true, facts, source, evidence: [], again: false };
  await registerVersion(ctx, { actor: 'ana' }, { model, files, primary, ...rest });
}

async function verify({ client }: TestService, model?: string): Promise<VerifyReply> {
  return client.call('POST /verify', model === undefined ? {} : { model });
}

test.each([
  [
    'an index',
    { 'w.safetensors.index.json': index, 'w-00001-of-00002.safetensors': 'a' },
    'w-00002-of-00002.safetensors',
  ],
  [
    'an index below',
    { 'unet/w.safetensors.index.json': index, 'unet/w-00001-of-00002.safetensors': 'a' },
    'unet/w-00002-of-00002.safetensors',
  ],
  ['the name of a shard', { 'w-00002-of-00002.bin': 'a' }, 'w-00001-of-00002.bin'],
  ['the header of ONNX', { 'model.onnx': readFileSync(join(exported, 'model.onnx')) }, 'model.onnx.data'],
])('verify fails for a version that lacks a file which %s names, and says which', async (_what, texts, lacking) => {
  const service = await startService();
  await registered(service, 'churn', texts);
  await registered(service, 'fraud', {
    'w.safetensors.index.json': index,
    'w-00001-of-00002.safetensors': 'a',
    'w-00002-of-00002.safetensors': 'b',
  });
  const { ok, faults } = await verify(service);
  expect(ok).toBe(false);
  expect(faults.map(({ subject }) => subject)).toEqual(['churn@1']);
  expect(faults[0]?.detail).toContain(`"${lacking}", which `);
  expect(await verify(service, 'fraud')).toMatchObject({ ok: true, faults: [] });
});

test('the index of a format of which nothing was brought along, and one that cannot be read, are no fault', async () => {
  const service = await startService();
  const other = index.replaceAll('safetensors', 'bin');
  await registered(service, 'churn', { 'model.safetensors': 'a', 'pytorch_model.bin.index.json': other });
  await registered(service, 'fraud', { 'model.onnx': 'no model', 'x.index.json': '[1' });
  expect(await verify(service)).toMatchObject({ ok: true, faults: [] });
});
