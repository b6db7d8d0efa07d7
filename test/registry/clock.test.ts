import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connect, type Client } from '../../daemon/clients/client/request.ts';
import { backups } from '../../daemon/db/backup/backup-files.ts';
import { housekeeper } from '../../daemon/server/maintenance.ts';
import { warningsOf } from '../../daemon/server/warnings.ts';
import { startService, threeVersions, type TestService } from '../support/daemon.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const version = { model: 'iris', version: '1' };

/** Makes a registry whose clock was ten years ahead when one event was written, and is right now. */
async function aheadOnce(
  before: (service: TestService) => Promise<void>,
): Promise<TestService & { ahead: (ms: number) => void }> {
  let offset = 0;
  const service = await startService({ now: () => Date.now() + offset });
  await threeVersions(service.client);
  await before(service);
  offset = 3650 * dayMs;
  await service.client.call('POST /models/:model/describe', { model: 'iris', description: 'from the future' });
  offset = 0;
  return { ...service, ahead: (ms) => void (offset = ms) };
}

async function isLet(who: Client): Promise<boolean> {
  return who.call('GET /models', {}).then(
    () => true,
    () => false,
  );
}

test('a dated token still opens after the clock was ahead once', async () => {
  let token = '';
  const service = await aheadOnce(async ({ client }) => {
    token = (await client.call('POST /tokens', { owner: 'bo', role: 'viewer', days: 30 })).token;
  });
  const bo = connect({ ...service.daemon.file, token }, 'test');
  expect(await isLet(bo)).toBe(true);
  service.ahead(31 * dayMs);
  expect(await isLet(bo)).toBe(false);
});

test('a request for approval that is made after the clock was ahead once is open', async () => {
  const service = await aheadOnce(async () => undefined);
  const asked = { ...version, stage: 'production', reason: 'please' };
  await service.client.call('POST /models/:model/versions/:version/ask-approval', asked);
  expect((await service.client.call('GET /approvals', {})).requests).toMatchObject([{ model: 'iris', number: 1 }]);
});

test('holders as of now are those of now, and before the move nobody, after the clock was ahead once', async () => {
  const service = await aheadOnce(async () => undefined);
  const { client } = service;
  const before = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await client.call('POST /models/:model/versions/:version/promote', { ...version, stage: 'production' });
  const holders = async (at?: number): Promise<unknown> =>
    (await client.call('GET /models/:model/holders', { model: 'iris', at })).pointers.map(({ holder }) => holder);
  expect(await holders(Date.now())).toEqual([1]);
  expect(await holders()).toEqual([1]);
  expect(await holders(before)).toEqual([]);
  const audit = await client.call('GET /audit', { model: 'iris', from: before, to: Date.now() });
  expect(audit.items.map(({ type }) => type)).toContain('pointer.moved/1');
});

/** Makes the housekeeper of a registry. The test moves both its clocks, wall and monotonic. */
function hourly(
  { daemon, folder }: TestService,
  wall: { offset: number },
): (wallMs: number, trueMs?: number) => Promise<void> {
  let elapsed = 0;
  const data = join(folder, 'data');
  const ctx = { ...daemon.context, now: () => Date.now() + wall.offset };
  const keep = housekeeper(ctx, data, warningsOf(ctx, data), () => performance.now() + elapsed);
  return async (wallMs, trueMs = wallMs) => {
    wall.offset += wallMs;
    elapsed += trueMs;
    await keep();
  };
}

test('a token that two looks an hour apart found expired stays closed when the clock goes back, and one of a jump does not', async () => {
  const wall = { offset: 0 };
  const service = await startService({ now: () => Date.now() + wall.offset });
  const { token } = await service.client.call('POST /tokens', { owner: 'bo', role: 'viewer', days: 1 });
  const bo = connect({ ...service.daemon.file, token }, 'test');
  const pass = hourly(service, wall);
  await pass(3650 * dayMs, hourMs);
  await pass(-3650 * dayMs + hourMs, hourMs);
  expect(await isLet(bo)).toBe(true);
  await pass(2 * dayMs);
  await pass(hourMs);
  expect(await isLet(bo)).toBe(false);
  wall.offset = 0;
  expect(await isLet(bo)).toBe(false);
});

test('a clock that jumped ahead purges nothing, and a backup of the future does not stop the daily one', async () => {
  const wall = { offset: 0 };
  const service = await startService({ now: () => Date.now() + wall.offset });
  await threeVersions(service.client);
  await service.client.call('POST /models/:model/versions/:version/delete', { ...version, version: '3' });
  const pass = hourly(service, wall);
  await pass(3650 * dayMs, hourMs);
  const state = (): unknown =>
    service.daemon.context.db.sql('SELECT deleted_until FROM versions WHERE number = 3').get();
  expect(state()).not.toMatchObject({ deleted_until: 0 });
  expect(backups(join(service.folder, 'data'))).toEqual([]);
  await pass(-3650 * dayMs + hourMs, hourMs);
  const folder = join(service.folder, 'data', 'backups');
  mkdirSync(folder, { recursive: true });
  const future = join(folder, 'registry-2036-01-01T00-00-00-000Z.db');
  writeFileSync(future, '');
  const then = new Date(Date.now() + 3650 * dayMs);
  utimesSync(future, then, then);
  await pass(hourMs);
  expect(readdirSync(folder)).toHaveLength(2);
});
