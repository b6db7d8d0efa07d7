import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Client } from '../../../daemon/clients/client/request.ts';
import { GateReports } from '../../../daemon/clients/lsp/gate-reports.ts';
import { copySample, startService, until, type TestService } from '../../support/daemon.ts';

const production = { kind: 'stage', name: 'production' } as const;

/** Three versions of iris under a plinth.yaml that requires a log loss of at most `most` for production. */
async function gated(most: number): Promise<TestService & { write: (most: number) => void }> {
  const service = await startService();
  const write = (bound: number): void =>
    writeFileSync(
      join(service.out, 'plinth.yaml'),
      `models:\n  - match: iris\n    gates:\n      production:\n        - gate: metric\n          metric: log_loss\n          at_most: ${bound}\n`,
    );
  mkdirSync(join(service.out, '.git'));
  write(most);
  for (const run of ['v1', 'v2', 'v3']) {
    const folder = copySample(`sklearn/iris-script/outputs/${run}`, join(service.out, run));
    await service.client.call('POST /register', { path: join(folder, 'model.joblib'), model: 'iris' });
  }
  return { ...service, write };
}

test('what gates say is asked for beside the request, kept, and asked for again when it is outdated', async () => {
  const { client, write } = await gated(0.15);
  let changes = 0;
  const reports = new GateReports({ client: () => client, changed: () => (changes += 1) });
  expect(reports.reports('iris', 1)).toBeUndefined();
  expect(reports.dryRun('iris', production)).toBeUndefined();
  const [report] = await until(() => reports.reports('iris', 1), 'a gate report');
  expect(report).toMatchObject({ kind: 'stage', name: 'production', allowed: false });
  const passing = (): number[] | undefined =>
    reports.dryRun('iris', production)?.versions.flatMap(({ number, allowed }) => (allowed ? [number] : []));
  expect(await until(passing, 'the dry run')).toEqual([3, 2]);
  const before = changes;
  write(0.12);
  expect(passing()).toEqual([3, 2]);
  reports.outdate('iris');
  expect(passing()).toEqual([3, 2]);
  await until(() => passing()?.length === 1, 'the new dry run');
  expect(changes).toBeGreaterThan(before);
});

test('a service that cannot say is asked again, and nothing is said until it can', async () => {
  const { client } = await gated(0.15);
  let there: Client | undefined;
  const reports = new GateReports({ client: () => there, changed: () => undefined });
  expect(reports.reports('iris', 2)).toBeUndefined();
  await new Promise((resolve) => setTimeout(resolve, 50));
  there = client;
  const [report] = await until(() => reports.reports('iris', 2), 'a gate report');
  expect(report?.allowed).toBe(true);
});
