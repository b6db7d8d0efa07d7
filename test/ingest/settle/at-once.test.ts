import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { ArtifactState } from '../../../daemon/protocol/model.ts';
import { startService, samples, until, type TestService } from '../../support/daemon.ts';

const weights = readFileSync(join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors'));

/** Returns unique bytes of a safetensors file. */
function fresh(salt: number): Buffer {
  const bytes = Buffer.from(weights);
  bytes.writeUInt32LE(salt, bytes.length - 4);
  return bytes;
}

function put(path: string, bytes: Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

/** Does what a person may do while trainers write. A refusal is a valid answer too. */
async function interfere({ client, out }: TestService, path: string, round: number): Promise<void> {
  const calls = [
    () => client.call('POST /register', { path, again: round % 2 === 0 }),
    () => client.call('POST /ignored', { pattern: 'b/**' }),
    () => client.call('POST /scan', {}),
    () => client.call('POST /ignored/remove', { pattern: 'b/**' }),
    () => client.call('POST /roots/pause', { path: out }),
    () => client.call('POST /roots/resume', { path: out }),
  ];
  await Promise.all(calls.map((call) => call().catch(() => undefined)));
}

test('whatever people do while files are written, artifacts go only where the table says', async () => {
  const service = await startService({ timing: { quietMs: 20, runQuietMs: 1000 } });
  const { client, out } = service;
  await client.call('POST /roots', { path: out });
  const paths = ['a', 'b', 'c'].map((name) => join(out, name, 'model.safetensors'));
  for (let round = 0; round < 12; round += 1) {
    const path = paths[round % 3] ?? '';
    const bytes = fresh(round < 9 ? round : 1);
    put(path, round % 4 === 3 ? bytes.subarray(0, 3000) : bytes);
    if (round === 7) rmSync(dirname(path), { recursive: true });
    await interfere(service, path, round);
  }
  await client.call('POST /roots/resume', { path: out }).catch(() => undefined);
  for (const [at, path] of paths.entries()) put(path, fresh(100 + at));
  const stateOf = async (path: string): Promise<ArtifactState | undefined> =>
    (await client.call('GET /why', { path })).artifact?.state;
  for (const path of paths)
    await until(async () => (await stateOf(path)) === 'registered', `the version of ${path}`, 20_000);
  expect(service.errors).toEqual([]);
});
