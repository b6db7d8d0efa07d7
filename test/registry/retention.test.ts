import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connect } from '../../daemon/clients/client/request.ts';
import { RegistryError } from '../../daemon/errors.ts';
import { copySample, startService, type TestService } from '../support/daemon.ts';

const day = 86_400_000;

interface Ageing extends TestService {
  pass(days: number): void;
}

/** Makes versions 1 to 5, each a day after the one before, below a plinth.yaml with this retention. */
async function kept(retention: string): Promise<Ageing> {
  let now = 1_800_000_000_000;
  const service = await startService({ now: () => now });
  mkdirSync(join(service.out, '.git'));
  writeFileSync(join(service.out, 'plinth.yaml'), `models: [{ match: iris, retention: ${retention} }]\n`);
  const path = copySample('sklearn/iris-script/outputs/v1/model.joblib', join(service.out, 'model.joblib'));
  for (let number = 1; number <= 5; number += 1) {
    await service.client.call('POST /register', { path, model: 'iris', again: true });
    now += day;
  }
  return { ...service, pass: (days) => void (now += days * day) };
}

async function letGo({ client }: TestService): Promise<string[]> {
  const { versions } = await client.call('GET /retention', {});
  return versions.map(({ number, act, reason }) => `${act} v${number}: ${reason}`);
}

function promote({ client }: TestService, version: string, service: object): Promise<unknown> {
  return client.call('POST /models/:model/versions/:version/promote', { model: 'iris', version, ...service });
}

test('what is neither new nor among the newest is let go of, and nothing within the week in which it can be undone', async () => {
  const service = await kept('{ keep: 2, days: 10 }');
  expect(await letGo(service)).toEqual([]);
  service.pass(6);
  expect(await letGo(service)).toEqual(['archive v1: not among the newest 2, 11 days old, kept for 10']);
  service.pass(30);
  expect((await letGo(service)).map((line) => line.slice(0, 10))).toEqual(['archive v3', 'archive v2', 'archive v1']);
});

test('what is held, can be rolled back to, or waits for approval is never let go of', async () => {
  const service = await kept('{ keep: 1, act: delete }');
  for (const version of ['1', '2']) await promote(service, version, { stage: 'production' });
  await promote(service, '3', { alias: 'champion' });
  service.pass(8);
  expect(await letGo(service)).toEqual(['delete v4: not among the newest 1']);
  const asked = { model: 'iris', version: '4', stage: 'production', reason: '', days: 20 };
  await service.client.call('POST /models/:model/versions/:version/ask-approval', asked);
  expect(await letGo(service)).toEqual([]);
  service.pass(21);
  expect(await letGo(service)).toEqual(['delete v4: not among the newest 1']);
});

test('nothing happens until a person says so, and then by events that can be undone', async () => {
  const service = await kept('{ keep: 3, act: delete }');
  expect(await letGo(service)).toEqual([]);
  service.pass(8);
  const { versions } = await service.client.call('GET /retention', { model: 'iris' });
  expect(versions.map(({ number }) => number)).toEqual([2, 1]);
  const { client } = service;
  expect((await client.call('GET /models/:model', { model: 'iris' })).versions).toBe(5);
  const bo = await client.call('POST /tokens', { owner: 'bo', role: 'approver' });
  const other = connect({ ...service.daemon.file, token: bo.token }, 'test');
  await expect(other.call('POST /retention', { versions: ['iris@1'] })).rejects.toMatchObject({ code: 'forbidden' });
  const wrong = client.call('POST /retention', { versions: ['iris@1', 'iris@4'] });
  await expect(wrong).rejects.toBeInstanceOf(RegistryError);
  const reply = await client.call('POST /retention', { versions: ['iris@1'] });
  expect(reply.done).toMatchObject([{ number: 1, act: 'delete' }]);
  const { items } = await client.call('GET /models/:model/history', { model: 'iris' });
  expect(items.find(({ seq }) => seq === reply.seq)?.body).toMatchObject({
    number: 1,
    reason: 'retention: not among the newest 3',
  });
  expect((await letGo(service)).length).toBe(1);
  await client.call('POST /undo', { seq: reply.seq });
  expect((await client.call('GET /models/:model', { model: 'iris' })).versions).toBe(5);
});
