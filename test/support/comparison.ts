import type { Lineage } from '../../daemon/protocol/lineage.ts';
import { recordLineage } from '../../daemon/registry/versions/record-lineage.ts';
import { until, type TestService } from './daemon.ts';

const digit = (text: string): string => `sha256:${text.repeat(64)}`;

/** Returns a lineage as ingest records it, with some fields changed. */
export function lineageWith(changed: Partial<Lineage>): Lineage {
  return {
    takenAt: 1_764_000_000_000,
    code: {
      repository: '/home/ana/churn',
      remote: 'https://example.com/churn.git',
      commit: 'a'.repeat(40),
      branch: 'main',
      changed: false,
      untracked: [],
      known: 'now',
    },
    process: null,
    environment: { python: '3.12.4', cuda: null, packages: { numpy: '2.0.1', torch: '2.5.0' }, source: '/venv' },
    data: [dataFile('data/train.csv', 'b', 100), dataFile('data/test.csv', 'c', 20)],
    seeds: {},
    captured: [{ path: 'config.yaml', size: 10, digest: digit('d') }],
    missing: [],
    ...changed,
  };
}

export function dataFile(path: string, byte: string, rows: number): Lineage['data'][number] {
  return { path, size: 1000, digest: digit(byte), rows, columns: ['age', 'y'], named: 'param data' };
}

/** Records the lineage of version `number` of `iris`. */
export async function record(service: TestService, number: number, lineage: Lineage): Promise<void> {
  await until(async () => {
    const detail = await service.client.call('GET /models/:model/versions/:version', {
      model: 'iris',
      version: String(number),
    });
    return detail.lineage !== null;
  }, 'the lineage that is looked for anyway');
  const kept = lineage.captured.map((file) => ({
    ...file,
    digest: service.daemon.context.blobs.put(Buffer.from(file.digest)),
  }));
  await recordLineage(service.daemon.context, { actor: 'test' }, 'iris', number, { ...lineage, captured: kept });
}

export function rowNamed<T extends { name: string }>(rows: readonly T[], name: string): T {
  const row = rows.find((one) => one.name === name);
  if (!row) throw new Error(`there is no row ${name}; there are ${rows.map((one) => one.name).join(', ')}`);
  return row;
}
