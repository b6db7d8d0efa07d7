import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startService, threeVersions, type TestService } from '../../support/daemon.ts';

async function stageOf({ client }: TestService, version: string): Promise<string> {
  const { version: found } = await client.call('GET /models/:model/versions/:version', { model: 'iris', version });
  return found.stage;
}

async function promoted(service: TestService, ...numbers: number[]): Promise<void> {
  await threeVersions(service.client);
  for (const number of numbers) {
    await service.client.call('POST /models/:model/versions/:version/promote', {
      model: 'iris',
      version: String(number),
      stage: 'production',
      reason: `${number}`,
    });
  }
}

test('promoting puts the former holder into the archive and leaves a receipt with the chain hash', async () => {
  const service = await startService();
  await promoted(service, 1);
  const receipt = await service.client.call('POST /models/:model/versions/:version/promote', {
    model: 'iris',
    version: '2',
    stage: 'production',
    reason: 'better',
  });
  expect(receipt).toMatchObject({ changed: true, from: 1, to: 2, reason: 'better', kind: 'stage', name: 'production' });
  expect(receipt.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(receipt.gates).toEqual([expect.objectContaining({ gate: 'bytes', outcome: 'passed' })]);
  expect([await stageOf(service, '1'), await stageOf(service, '2')]).toEqual(['archived', 'production']);
});

test('promoting the holder once more changes nothing and says so', async () => {
  const service = await startService();
  await promoted(service, 1);
  const again = await service.client.call('POST /models/:model/versions/:version/promote', {
    model: 'iris',
    version: '1',
    stage: 'production',
  });
  expect(again.changed).toBe(false);
});

test('rolling back twice does not bring the bad version back', async () => {
  const service = await startService();
  await promoted(service, 1, 2, 3);
  const first = await service.client.call('POST /models/:model/rollback', { model: 'iris', stage: 'production' });
  const second = await service.client.call('POST /models/:model/rollback', { model: 'iris', stage: 'production' });
  expect([first.to, second.to]).toEqual([2, 1]);
  expect([await stageOf(service, '1'), await stageOf(service, '2'), await stageOf(service, '3')]).toEqual([
    'production',
    'archived',
    'archived',
  ]);
  await expect(
    service.client.call('POST /models/:model/rollback', { model: 'iris', stage: 'production' }),
  ).rejects.toThrow(/no previous version/);
});

test('rolling back to a named version pops down to it', async () => {
  const service = await startService();
  await promoted(service, 1, 2, 3);
  const receipt = await service.client.call('POST /models/:model/rollback', {
    model: 'iris',
    stage: 'production',
    to: 'v1',
  });
  const model = await service.client.call('GET /models/:model', { model: 'iris' });
  expect(receipt.to).toBe(1);
  expect(model.pointers).toEqual([expect.objectContaining({ name: 'production', holder: 1, previous: [] })]);
});

test('a damaged target moves nothing, is told, and the next one is named', async () => {
  const service = await startService();
  await promoted(service, 1, 2, 3);
  const { files } = await service.client.call('GET /models/:model/versions/:version', { model: 'iris', version: '2' });
  const blob = service.daemon.context.blobs.pathOf(`sha256:${files[0]?.sha256}`);
  const bytes = readFileSync(blob);
  chmodSync(blob, 0o644);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  writeFileSync(blob, bytes);
  const refused = service.client.call('POST /models/:model/rollback', { model: 'iris', stage: 'production' });
  await expect(refused).rejects.toThrow(/damaged.*--to v1/s);
  const model = await service.client.call('GET /models/:model', { model: 'iris' });
  expect(model.pointers[0]?.holder).toBe(3);
  const { version } = await service.client.call('GET /models/:model/versions/:version', {
    model: 'iris',
    version: '2',
  });
  expect(version.state).toBe('damaged');
});

test('a stale view of the holder is refused with the new state', async () => {
  const service = await startService();
  await promoted(service, 1, 2);
  const stale = service.client.call('POST /models/:model/versions/:version/promote', {
    model: 'iris',
    version: '3',
    stage: 'production',
    expect: 1,
  });
  await expect(stale).rejects.toMatchObject({ code: 'conflict', details: { pointer: { holder: 2 } } });
  await service.client.call('POST /models/:model/versions/:version/promote', {
    model: 'iris',
    version: '3',
    stage: 'production',
    expect: 2,
  });
});

test('of many movers that saw the same holder exactly one wins', async () => {
  const service = await startService();
  await promoted(service, 1);
  const moves = Array.from({ length: 8 }, (_, index) =>
    service.client.call('POST /models/:model/versions/:version/promote', {
      model: 'iris',
      version: String(2 + (index % 2)),
      stage: 'production',
      expect: 1,
    }),
  );
  const settled = await Promise.allSettled(moves);
  const winner = settled.find((one) => one.status === 'fulfilled' && one.value.changed);
  expect(winner).toBeDefined();
  expect(settled.filter((one) => one.status === 'fulfilled' && one.value.changed)).toHaveLength(1);
});

test('entering production a version leaves staging, and one undo takes both back', async () => {
  const service = await startService();
  await promoted(service, 1);
  await service.client.call('POST /models/:model/versions/:version/promote', {
    model: 'iris',
    version: '2',
    stage: 'staging',
  });
  const receipt = await service.client.call('POST /models/:model/versions/:version/promote', {
    model: 'iris',
    version: '2',
    stage: 'production',
  });
  const before = await service.client.call('GET /models/:model', { model: 'iris' });
  expect(before.pointers.map(({ name, holder }) => [name, holder])).toEqual([
    ['production', 2],
    ['staging', null],
  ]);
  await service.client.call('POST /undo', { seq: receipt.seq });
  const after = await service.client.call('GET /models/:model', { model: 'iris' });
  expect(after.pointers.map(({ name, holder }) => [name, holder])).toEqual([
    ['production', 1],
    ['staging', 2],
  ]);
  expect([await stageOf(service, '1'), await stageOf(service, '2')]).toEqual(['production', 'staging']);
});

test('transitions are undone one after another, the newest first', async () => {
  const service = await startService();
  await promoted(service, 1);
  const seqs: number[] = [];
  for (const version of ['2', '3']) {
    const move = { model: 'iris', version, stage: 'production' };
    seqs.push((await service.client.call('POST /models/:model/versions/:version/promote', move)).seq);
  }
  for (const seq of seqs.toReversed()) await service.client.call('POST /undo', { seq });
  expect((await service.client.call('GET /models/:model', { model: 'iris' })).pointers[0]).toMatchObject({
    holder: 1,
    previous: [],
  });
});

test('an event that was overtaken can no longer be undone', async () => {
  const service = await startService();
  await promoted(service, 1);
  const receipt = await service.client.call('POST /models/:model/versions/:version/promote', {
    model: 'iris',
    version: '2',
    stage: 'production',
  });
  await service.client.call('POST /models/:model/versions/:version/promote', {
    model: 'iris',
    version: '3',
    stage: 'production',
  });
  await expect(service.client.call('POST /undo', { seq: receipt.seq })).rejects.toMatchObject({ code: 'conflict' });
});

test('an alias moves, rolls back and is taken away without touching stages', async () => {
  const service = await startService();
  await promoted(service);
  for (const version of ['1', '2']) {
    await service.client.call('POST /models/:model/versions/:version/promote', {
      model: 'iris',
      version,
      alias: 'champion',
    });
  }
  const back = await service.client.call('POST /models/:model/rollback', { model: 'iris', alias: '@champion' });
  expect([back.from, back.to, await stageOf(service, '2')]).toEqual([2, 1, 'development']);
  const gone = await service.client.call('POST /models/:model/unalias', { model: 'iris', alias: 'champion' });
  expect(gone.to).toBeNull();
  await expect(
    service.client.call('GET /models/:model/versions/:version', { model: 'iris', version: '@champion' }),
  ).rejects.toMatchObject({ code: 'not-found' });
});

test('a held version can be neither archived nor deleted nor moved', async () => {
  const service = await startService();
  await promoted(service, 1);
  const version = { model: 'iris', version: '1' };
  await expect(service.client.call('POST /models/:model/versions/:version/archive', version)).rejects.toMatchObject({
    code: 'held',
  });
  await expect(service.client.call('POST /models/:model/versions/:version/delete', version)).rejects.toMatchObject({
    code: 'held',
  });
  await expect(
    service.client.call('POST /models/:model/versions/:version/move', { ...version, to: 'other' }),
  ).rejects.toMatchObject({ code: 'held' });
});

test('a deletion hides the version, keeps its number, and is undone whole', async () => {
  const service = await startService();
  await promoted(service);
  const { seq } = await service.client.call('POST /models/:model/versions/:version/delete', {
    model: 'iris',
    version: '3',
  });
  const page = await service.client.call('GET /models/:model/versions', { model: 'iris' });
  expect(page.items.map(({ number }) => number)).toEqual([2, 1]);
  await service.client.call('POST /undo', { seq });
  expect((await service.client.call('GET /models/:model', { model: 'iris' })).versions).toBe(3);
});

test('who held what at some time is told with by whom, why and the event', async () => {
  let clock = 1_000_000;
  const service = await startService({ now: () => (clock += 1000) });
  await promoted(service, 1);
  const between = clock;
  await service.client.call('POST /models/:model/versions/:version/promote', {
    model: 'iris',
    version: '2',
    stage: 'production',
    reason: 'two',
  });
  const then = await service.client.call('GET /models/:model/holders', { model: 'iris', at: between });
  const now = await service.client.call('GET /models/:model/holders', { model: 'iris' });
  expect(then.pointers).toEqual([expect.objectContaining({ name: 'production', holder: 1, reason: '1' })]);
  expect(now.pointers).toEqual([
    expect.objectContaining({ holder: 2, reason: 'two', actor: expect.stringMatching(/\/test$/) as string }),
  ]);
});

test('a version moved to another model keeps its bytes and evidence, and its old number points there', async () => {
  const service = await startService();
  await promoted(service);
  const { version } = await service.client.call('POST /models/:model/versions/:version/move', {
    model: 'iris',
    version: '2',
    to: 'other',
  });
  const old = await service.client.call('GET /models/:model/versions', { model: 'iris', all: true });
  expect(version).toMatchObject({ model: 'other', number: 1, state: 'ready' });
  expect(version.metrics).toMatchObject({ accuracy: expect.any(Number) as number });
  expect(old.items.find(({ number }) => number === 2)).toMatchObject({ state: 'moved', movedTo: 'other@1' });
});
