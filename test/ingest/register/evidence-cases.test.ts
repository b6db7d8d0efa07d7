import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { VersionDetail } from '../../../daemon/protocol/routes/versions.ts';
import { startService, until, untilIdle, type TestService } from '../../support/daemon.ts';

/** Trainings as people run them. Each has a script that writes tiny replacements of models, and what trainers leave beside them. */
const cases = join(import.meta.dirname, '..', '..', 'zoo', 'cases');

const hasPython = (() => {
  try {
    execFileSync('python3', ['--version']);
    return true;
  } catch {
    return false;
  }
})();

async function watching(timing: NonNullable<Parameters<typeof startService>[0]>['timing'] = {}): Promise<TestService> {
  const service = await startService({ timing });
  await service.client.call('POST /roots', { path: service.out });
  return service;
}

function run(name: string, target: string, ...args: string[]): Promise<unknown> {
  return promisify(execFile)('python3', [join(cases, name, 'make.py'), target, ...args], { cwd: cases });
}

function detail({ client }: TestService, model: string, version: number): Promise<VersionDetail> {
  return client.call('GET /models/:model/versions/:version', { model, version: String(version) });
}

/** Returns all versions as `model@number`, once there are at least so many and the service has decided about everything on disk. */
async function versionsOf(service: TestService, least: number): Promise<string[]> {
  const { client } = service;
  const read = async (): Promise<string[]> => {
    const { items } = await client.call('GET /models', {});
    const pages = await Promise.all(
      items.map(({ name }) => client.call('GET /models/:model/versions', { model: name })),
    );
    return pages.flatMap((page) => page.items.map(({ model, number }) => `${model}@${number}`)).toSorted();
  };
  await until(async () => (await read()).length >= least, `${least} versions`, 30_000);
  await untilIdle(service);
  return read();
}

const from = (one: VersionDetail, source: string) => one.evidence.filter((two) => two.source === source).at(-1);

test.skipIf(!hasPython)(
  'a model that was trained anew and not evaluated has nothing of the one before',
  async () => {
    const service = await watching({ runQuietMs: 5000 });
    await run('C62', service.out);
    const versions = await versionsOf(service, 4);
    expect(versions.filter((one) => one.startsWith('churn@'))).toEqual(['churn@1', 'churn@2']);
    expect((await detail(service, 'churn', 1)).version.metrics).toEqual({ auc: 0.95 });
    const second = await detail(service, 'churn', 2);
    expect(second.version.metrics).toEqual({});
    expect(from(second, 'metrics.json')?.origin).toMatchObject({
      rule: 'not-used',
      reason: 'it was written by an earlier training and is evidence of churn@1',
    });
    const dated = versions.filter((one) => !one.startsWith('churn@'));
    const details = await Promise.all(
      dated.map((one) => detail(service, one.split('@')[0]!, Number(one.split('@')[1]))),
    );
    const auc = details.map(({ version }) => [version.primary, version.metrics['auc'] ?? null]);
    expect(Object.fromEntries(auc)).toEqual({
      'model_2026-01-01.safetensors': 0.95,
      'model_2026-01-08.safetensors': null,
    });
  },
  90_000,
);

test.skipIf(!hasPython)(
  'of a model, its scaler and its encoder the metrics are of the model',
  async () => {
    const service = await watching({ runQuietMs: 5000 });
    await run('C65', service.out);
    const versions = await versionsOf(service, 2);
    const details = await Promise.all(
      versions.map((one) => detail(service, one.split('@')[0]!, Number(one.split('@')[1]))),
    );
    const models = details.filter(({ version }) => version.modelClass === 'LogisticRegression');
    expect(models.map(({ version }) => [version.metrics, version.params['C']])).toEqual([
      [{ auc: 0.91 }, 1],
      [{ auc: 0.91 }, 1],
    ]);
    const others = details.filter((one) => !models.includes(one));
    expect(others.map(({ version }) => version.metrics)).toEqual(others.map(() => ({})));
  },
  90_000,
);

test.skipIf(!hasPython)(
  'the same bytes trained again are told of both times, and the newest counts',
  async () => {
    const service = await watching({ runQuietMs: 5000 });
    await run('C56', service.out);
    await versionsOf(service, 1);
    const model = (await service.client.call('GET /models', {})).items[0]!.name;
    const first = await detail(service, model, 1);
    const told = first.evidence.filter(({ source }) => source === 'metrics.json').map(({ metrics }) => metrics['auc']);
    expect(told).toContain(0.8);
    expect(told.at(-1)).toBe(0.7);
    expect(first.version.metrics).toEqual({ auc: 0.7 });
  },
  90_000,
);

test.skipIf(!hasPython)(
  'a new training in the folder of an old one has nothing of its numbers',
  async () => {
    const service = await watching({ runQuietMs: 5000 });
    await run('C10', service.out, 'old');
    const old = await versionsOf(service, 1);
    await run('C10', service.out, 'new');
    const all = await versionsOf(service, old.length + 1);
    const fresh = all.filter((one) => !old.includes(one));
    for (const one of fresh) {
      const { version } = await detail(service, one.split('@')[0]!, Number(one.split('@')[1]));
      expect([0.9, 0.8, 0.7]).toContain(version.metrics['eval_loss']);
    }
  },
  90_000,
);

test.skipIf(!hasPython)(
  'a training that evaluates nothing has no evaluation of an older one',
  async () => {
    const service = await watching({ runQuietMs: 5000 });
    await run('C10', service.out, 'old');
    const old = await versionsOf(service, 1);
    await run('C10', service.out, 'noeval');
    const all = await versionsOf(service, old.length + 1);
    const fresh = all.filter((one) => !old.includes(one));
    for (const one of fresh) {
      const { version } = await detail(service, one.split('@')[0]!, Number(one.split('@')[1]));
      expect(version.metrics).not.toHaveProperty('eval_loss');
    }
  },
  90_000,
);
