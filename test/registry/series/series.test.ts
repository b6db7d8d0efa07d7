import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runReference } from '../../../daemon/shared/references.ts';
import { cachedPoints, openCached, seriesCacheFolder } from '../../../daemon/registry/series/series-cache.ts';
import { sweep } from '../../../daemon/registry/garbage-collect.ts';
import { addEvidence } from '../../../daemon/registry/versions/register.ts';
import { startService, samples, threeVersions, until, type TestService } from '../../support/daemon.ts';
import type { Json } from '../../../daemon/protocol/json.ts';
import { rowNamed } from '../../support/comparison.ts';
import { given } from '../../support/evidence.ts';

type Point = [number | null, number | null, number | null];

async function addSeries(
  { daemon }: TestService,
  version: number,
  series: Record<string, Point[]>,
  source = 'log.csv',
): Promise<void> {
  const evidence = {
    source,
    metrics: { loss: 1 },
    params: {},
    more: { series: series as unknown as Json, best: {} },
    origin: given,
  };
  await addEvidence(daemon.context, { actor: 'test' }, 'iris', String(version), evidence);
}

test('the series of real training files are listed with their best points, by column', async () => {
  const service = await startService();
  const path = join(samples, 'transformers', 'tiny-bert-cls');
  await service.client.call('POST /register', { path, model: 'bert' });
  await threeVersions(service.client);
  const reply = await service.client.call('GET /series', { versions: 'bert@1,iris@1' });
  expect(reply.versions).toEqual(['bert@1', 'iris@1']);
  const row = reply.metrics.find(({ metric }) => /eval.*loss/.test(metric))!;
  expect(row).toMatchObject({ direction: 'lower', of: [{ steps: true, gaps: 0 }, null] });
  expect(row.of[0]!.best).toEqual(row.of[0]!.least);
  const [points, none] = await service.client.points(['bert@1', 'iris@1'], row.metric, 100);
  expect([points!.total, none!.total]).toEqual([row.of[0]!.count, 0]);
  expect(
    [...points!.values].some(
      (value, at) => value === row.of[0]!.best!.value && points!.steps[at] === row.of[0]!.best!.step,
    ),
  ).toBe(true);
});

test('points come downsampled with their peaks, what is missing as gaps, times and steps as they were', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const loss = Array.from({ length: 5000 }, (_, step): Point => [
    step,
    1_764_000_000_000 + step,
    step === 700 ? null : Math.cos(step),
  ]);
  loss[4000]![2] = 99;
  await addSeries(service, 1, { loss, bare: [[null, null, 3]] });
  const [points] = await service.client.points(['iris@1'], 'loss', 300);
  expect(points!.total).toBe(5000);
  expect(points!.values.length).toBeLessThanOrEqual(300);
  expect([...points!.values]).toContain(99);
  expect(points!.steps[[...points!.values].findIndex((value) => Number.isNaN(value))]).toBe(700);
  expect(points!.times[0]).toBe(1_764_000_000_000);
  const [bare] = await service.client.points(['iris@1'], 'bare', 300);
  expect([...bare!.steps, ...bare!.times, ...bare!.values]).toEqual([NaN, NaN, 3]);
  const { metrics } = await service.client.call('GET /series', { versions: 'iris@1' });
  const row = rowNamed(
    metrics.map((one) => ({ ...one, name: one.metric })),
    'loss',
  );
  expect(row.of[0]).toMatchObject({ count: 5000, gaps: 1, most: { step: 4000, value: 99 } });
});

test('long series are cut before somebody asks, and a damaged file of them is not believed', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const loss = Array.from({ length: 9000 }, (_, step): Point => [step, 1_764_000_000_000 + step, Math.cos(step)]);
  loss[4000]![2] = 99;
  await addSeries(service, 1, { loss, short: loss.slice(0, 100) });
  const folder = join(service.folder, 'data', 'cache', 'series');
  const files = (): string[] => (existsSync(folder) ? readdirSync(folder) : []);
  const file = await until(() => files().find((name) => !name.endsWith('.part')), 'a file of them');
  const path = join(folder, file);
  const peak = async (wanted: number): Promise<[number, number]> => {
    const [points] = await service.client.points(['iris@1'], 'loss', wanted);
    return [Math.max(...points!.values), points!.total];
  };
  const digest = `sha256:${file}`;
  const cached = openCached(folder, digest)!;
  expect([...cached.summaries.keys()]).toEqual(['loss', 'short']);
  expect(cached.summaries.get('loss')).toMatchObject({ count: 9000, most: { step: 4000, value: 99 } });
  expect(cached.points('short')!.length).toBe(3 * 100);
  expect(cached.points('loss')!.length).toBeLessThanOrEqual(3 * cachedPoints);
  rmSync(service.daemon.context.blobs.pathOf(digest));
  expect(await peak(300)).toEqual([99, 9000]);
  const bytes = readFileSync(path);
  for (const at of [bytes.length - 1, 60, 3]) {
    writeFileSync(path, Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))));
    expect(openCached(folder, digest)?.points('short')).toBeUndefined();
  }
  writeFileSync(path, bytes.subarray(0, bytes.length - 8));
  expect(openCached(folder, digest)?.points('short')).toBeUndefined();
});

test('the sweep deletes the cached series of a blob that nothing names, and no other', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const loss = Array.from({ length: 9000 }, (_, step): Point => [step, null, Math.cos(step)]);
  await addSeries(service, 1, { loss });
  const folder = seriesCacheFolder(join(service.folder, 'data'));
  const files = (): string[] => (existsSync(folder) ? readdirSync(folder) : []);
  const file = await until(() => files().find((name) => !name.endsWith('.part')), 'a file of them');
  const unnamed = service.daemon.context.blobs.put(Buffer.from('named by nothing')).slice('sha256:'.length);
  copyFileSync(join(folder, file), join(folder, unnamed));
  await sweep(service.daemon.context);
  expect(files()).toEqual([file]);
});

test('a chart of any number of points has the peaks of its series', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const loss = Array.from({ length: 9000 }, (_, step): Point => [step, null, Math.sin(step)]);
  loss[4444]![2] = -7;
  loss[8000]![2] = 7;
  await addSeries(service, 1, { loss });
  for (const wanted of [10, 300, 1024, 1025, 5000, 8999, 9000, 20_000]) {
    const [points] = await service.client.points(['iris@1'], 'loss', wanted);
    const values = [...points!.values];
    expect([Math.min(...values), Math.max(...values), points!.total], String(wanted)).toEqual([-7, 7, 9000]);
    expect(values.length).toBeLessThanOrEqual(wanted);
    expect([points!.steps[0], points!.steps.at(-1)]).toEqual([0, 8999]);
    if (wanted >= 9000) expect(values.length).toBe(9000);
  }
});

test('of evidence that a source repeated only the newest counts', async () => {
  const service = await startService();
  await threeVersions(service.client);
  await addSeries(service, 1, { loss: [[1, null, 1], [2, null, 2], [3, null, 3]] }); // prettier-ignore
  await addSeries(service, 1, { loss: [[1, null, 5], [2, null, 6]] }); // prettier-ignore
  const [points] = await service.client.points(['iris@1'], 'loss', 10);
  expect([...points!.values]).toEqual([5, 6]);
});

test('a live run has series that grow, before any version is made of it', async () => {
  const service = await startService();
  const run = join(service.out, 'digits', 'run 1, 50%');
  mkdirSync(run, { recursive: true });
  const log = join(run, 'metrics.jsonl');
  writeFileSync(log, '{"step": 1, "loss": 0.9}\n{"step": 2, "loss": 0.8}\n');
  const { putRun } = await import('../../../daemon/db/artifacts.ts');
  const row = {
    id: run,
    folder: run,
    execution: null,
    resumptions: [],
    progress: [],
    over: null,
    root: service.out,
    status: 'running' as const,
    startedAt: 1,
    updatedAt: 2,
    endedAt: null,
  };
  putRun(service.daemon.context.db, { ...row, params: {}, metrics: {} });
  const read = async (): Promise<number[]> => {
    const [points] = await service.client.points([runReference(run)], 'loss', 100);
    return [...points!.values];
  };
  expect(await read()).toEqual([0.9, 0.8]);
  appendFileSync(log, '{"step": 3, "loss": 0.7}\n');
  await until(async () => (await read()).length === 3, 'the third point');
  const { metrics } = await service.client.call('GET /series', { versions: runReference(run) });
  expect(metrics).toMatchObject([{ metric: 'loss', of: [{ count: 3, best: { step: 3, value: 0.7 } }] }]);
});

test('wrong requests for points are refused in one sentence', async () => {
  const service = await startService();
  await threeVersions(service.client);
  await expect(service.client.points(['iris@1'], 'loss', 2)).rejects.toThrow(/^points: /);
  await expect(service.client.points(['iris@99'], 'loss', 100)).rejects.toThrow('iris has no version 99');
  expect((await service.client.points(['iris@1'], 'nothing of the kind', 100))[0]!.total).toBe(0);
});
