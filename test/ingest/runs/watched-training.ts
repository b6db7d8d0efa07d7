import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { readManifest } from '../../../daemon/blobs/manifest.ts';
import type { Version } from '../../../daemon/protocol/model.ts';
import { until, startWarmService, type TestService, type ServiceOptions } from '../../support/daemon.ts';

export const isVisible = process.platform === 'linux';

/** Each training is observed in two ways: with visible processes, and without, as on macOS, Windows and network disks. */
interface Way {
  name: string;
  isSeen: boolean;
  wanted: ServiceOptions;
}

const hidden: Way = {
  name: 'where no process can be seen',
  isSeen: false,
  wanted: { seesProcesses: false, timing: { runQuietMs: 5000 } },
};
const seen: Way = { name: 'where processes can be seen', isSeen: true, wanted: {} };
export const ways = isVisible ? [seen, hidden] : [hidden];
/** For tests that take long. They run in both ways only with PLINTH_RUNS=whole. */
export const slowWays = process.env['PLINTH_RUNS'] === 'whole' ? ways : ways.slice(0, 1);
export const endMs = 20_000;

/** Makes a project whose `out` is watched. */
export async function watching(wanted: ServiceOptions = {}): Promise<TestService> {
  const service = await startWarmService(wanted);
  onTestFinished(() => expect(service.errors).toEqual([]));
  return service;
}

export async function versions(service: TestService): Promise<Version[]> {
  const { items: models } = await service.client.call('GET /models', {});
  const pages = await Promise.all(
    models.map(({ name }) => service.client.call('GET /models/:model/versions', { model: name })),
  );
  return pages.flatMap(({ items }) => items).toSorted((a, b) => a.seq - b.seq);
}

/** Returns the first bytes of a version's weights: the seed that its save was given. */
export function seed({ daemon }: TestService, { digest }: Version): number {
  const [file] = readManifest(daemon.context.blobs, digest);
  return daemon.context.blobs.read(`sha256:${file?.sha256}`).readFloatLE(72);
}

export async function count(service: TestService, wanted: number, ms = 10_000): Promise<Version[]> {
  return until(
    async () => {
      await sleep(100);
      const found = await versions(service);
      return found.length >= wanted && found;
    },
    `${wanted} versions`,
    ms,
  );
}
