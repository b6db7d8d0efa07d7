import { expect, test } from 'vitest';
import { expiredDeletions } from '../../../daemon/db/versions.ts';
import type { RunReport } from '../../../daemon/protocol/lineage.ts';
import { sweep } from '../../../daemon/registry/garbage-collect.ts';
import { recordLineage, recordReports } from '../../../daemon/registry/versions/record-lineage.ts';
import { lineageWith, record } from '../../support/comparison.ts';
import { startService, threeVersions, type TestService } from '../../support/daemon.ts';

const caller = { actor: 'test' };
const day = 24 * 3600_000;

function report(service: TestService, path: string, content: string): RunReport {
  const digest = service.daemon.context.blobs.put(Buffer.from(content));
  return {
    path,
    kind: 'picture',
    size: content.length,
    digest,
    writtenAt: 1,
    rule: 'same-run',
    reason: 'it was drawn',
  };
}

async function lineageOf({ client }: TestService): Promise<string[]> {
  const { lineage } = await client.call('GET /models/:model/versions/:version', { model: 'iris', version: '1' });
  return [...(lineage?.captured ?? []), ...(lineage?.reports ?? [])].map(({ path }) => path);
}

test('a later look leaves the reports, and later reports leave what was captured', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const { context } = service.daemon;
  await record(service, 1, lineageWith({}));
  const first = { reports: [report(service, 'roc.png', 'one')], more: 0 };
  const second = { reports: [report(service, 'cm.png', 'two'), report(service, 'roc.png', 'three')], more: 0 };
  const look = lineageWith({ captured: [] });
  await Promise.all([
    recordReports(context, caller, 'iris', 1, first),
    recordLineage(context, caller, 'iris', 1, { ...look, missing: ['Nothing.'] }),
    recordReports(context, caller, 'iris', 1, second),
  ]);
  expect(await lineageOf(service)).toEqual(['cm.png', 'roc.png']);
  const { bytes } = await service.client.report({ model: 'iris', version: '1', path: 'roc.png' });
  expect(Buffer.from(bytes).toString()).toBe('three');
  expect((await service.client.call('POST /verify', {})).ok).toBe(true);
});

test('reports are swept with the files of a version that is given up, and not before; what was captured stays', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const { context } = service.daemon;
  await record(service, 1, lineageWith({}));
  const drawn = report(service, 'roc.png', 'drawn');
  await recordReports(context, caller, 'iris', 1, { reports: [drawn], more: 0 });
  const isThere = (): boolean => context.blobs.sizeOf(String(drawn.digest)) !== undefined;
  await service.client.call('POST /models/:model/versions/:version/delete', { model: 'iris', version: '1' });
  const [two, ninety] = [2, 90].map((days) => ({ ...context, now: () => Date.now() + days * day }));
  await sweep(two!);
  expect([isThere(), expiredDeletions(context.db, two!.now()).length]).toEqual([true, 0]);
  await sweep(ninety!);
  expect(isThere()).toBe(false);
  expect(await lineageOf(service)).toEqual(['config.yaml']);
  expect((await service.client.call('POST /verify', {})).ok).toBe(true);
});
