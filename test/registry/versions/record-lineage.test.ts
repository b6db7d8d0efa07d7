import { expect, test } from 'vitest';
import { expiredDeletions } from '../../../daemon/db/versions.ts';
import type { RunReport } from '../../../daemon/protocol/lineage.ts';
import { sweep } from '../../../daemon/registry/garbage-collect.ts';
import { recordLineage, recordReports } from '../../../daemon/registry/versions/record-lineage.ts';
import { lineageWith, record } from '../../support/comparison.ts';
import { here, threeVersions, type Here } from '../../support/daemon.ts';

const caller = { actor: 'test' };
const day = 24 * 3600_000;

function report(place: Here, path: string, content: string): RunReport {
  const digest = place.daemon.context.blobs.put(Buffer.from(content));
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

async function lineageOf({ client }: Here): Promise<string[]> {
  const { lineage } = await client.call('GET /models/:model/versions/:version', { model: 'iris', version: '1' });
  return [...(lineage?.captured ?? []), ...(lineage?.reports ?? [])].map(({ path }) => path);
}

test('a later look leaves the reports, and later reports leave what was captured', async () => {
  const place = await here();
  await threeVersions(place.client);
  const { context } = place.daemon;
  await record(place, 1, lineageWith({}));
  const first = { reports: [report(place, 'roc.png', 'one')], more: 0 };
  const second = { reports: [report(place, 'cm.png', 'two'), report(place, 'roc.png', 'three')], more: 0 };
  const look = lineageWith({ captured: [] });
  await Promise.all([
    recordReports(context, caller, 'iris', 1, first),
    recordLineage(context, caller, 'iris', 1, { ...look, missing: ['Nothing.'] }),
    recordReports(context, caller, 'iris', 1, second),
  ]);
  expect(await lineageOf(place)).toEqual(['cm.png', 'roc.png']);
  const { bytes } = await place.client.report({ model: 'iris', version: '1', path: 'roc.png' });
  expect(Buffer.from(bytes).toString()).toBe('three');
  expect((await place.client.call('POST /verify', {})).ok).toBe(true);
});

test('reports are swept with the files of a version that is given up, and not before; what was captured stays', async () => {
  const place = await here();
  await threeVersions(place.client);
  const { context } = place.daemon;
  await record(place, 1, lineageWith({}));
  const drawn = report(place, 'roc.png', 'drawn');
  await recordReports(context, caller, 'iris', 1, { reports: [drawn], more: 0 });
  const isThere = (): boolean => context.blobs.sizeOf(String(drawn.digest)) !== undefined;
  await place.client.call('POST /models/:model/versions/:version/delete', { model: 'iris', version: '1' });
  const [two, ninety] = [2, 90].map((days) => ({ ...context, now: () => Date.now() + days * day }));
  await sweep(two!);
  expect([isThere(), expiredDeletions(context.db, two!.now()).length]).toEqual([true, 0]);
  await sweep(ninety!);
  expect(isThere()).toBe(false);
  expect(await lineageOf(place)).toEqual(['config.yaml']);
  expect((await place.client.call('POST /verify', {})).ok).toBe(true);
});
