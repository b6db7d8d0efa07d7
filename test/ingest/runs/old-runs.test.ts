import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { follow } from '../../../daemon/clients/client/follow.ts';
import { hasStopped, newLiveRun } from '../../../daemon/ingest/runs/live-run.ts';
import type { Run } from '../../../daemon/protocol/model.ts';
import { copySample, startService, until, untilIdle } from '../../support/daemon.ts';
import { ways } from './watched-training.ts';

vi.setConfig({ testTimeout: 60_000 });

test.for(ways)('runs that were there before are at no time in progress, $name', async ({ wanted }) => {
  const service = await startService({ ...wanted, timing: { ...wanted.timing, runQuietMs: 2000 } });
  const { out, client, daemon } = service;
  for (const sample of ['hydra', 'sacred', 'keras']) copySample(sample, join(out, sample));
  const justNow = new Date(Date.now() - 1000);
  for (const entry of readdirSync(out, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), justNow, justNow);
  const told: Run[] = [];
  const opened = Promise.withResolvers<void>();
  const follower = follow({
    kind: 'test',
    find: () => Promise.resolve(daemon.file),
    onMessage: (message) => {
      if (message.kind === 'hello') opened.resolve();
      if (message.kind === 'run') told.push(message.run);
    },
  });
  await opened.promise;
  await client.call('POST /roots', { path: out });
  await until(() => told.length > 2, 'news of runs');
  const early = await client.call('GET /status', {});
  await untilIdle(service, 40_000);
  follower.close();
  expect(told.filter(({ status }) => status === 'running').map(({ folder }) => folder)).toEqual([]);
  expect(early.runs).toEqual([]);
  const { runs } = await client.call('GET /runs', { status: 'ended' });
  expect(new Set(runs.map(({ folder }) => folder))).toEqual(new Set(told.map(({ folder }) => folder)));
  expect(runs.every(({ endedAt }) => endedAt !== null)).toBe(true);
});

test('a run goes on while its process does, and after a write by nobody who can be seen', () => {
  const old = {
    ...newLiveRun({ id: 'r', folder: '/r', root: '/', startedAt: 9, writtenAt: 5, openAt: 0 }),
    isOld: true,
  };
  const stopped = (change: object, alive = false): boolean => hasStopped({ ...old, ...change }, () => alive);
  expect([stopped({}), stopped({ isOld: false }), stopped({ among: new Set(['1']) }, true)]).toEqual([
    true,
    false,
    false,
  ]);
  expect([stopped({ saver: 'ended', isOld: false }), stopped({ saver: 'mover', isOld: false })]).toEqual([true, true]);
  expect(stopped({ saver: 'execution' })).toBe(false);
});
