import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connect, type Client } from '../../../daemon/clients/client/request.ts';
import { configure } from '../../../daemon/config.ts';
import { startDaemon } from '../../../daemon/daemon.ts';
import { logWrites } from '../../../daemon/db/log-writes.ts';
import { silent } from '../../../daemon/log.ts';
import { until, startWarmService, type TestService } from '../../support/daemon.ts';
import { train } from '../../support/trainings.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Restarts the service and calls `meanwhile` while it is stopped. */
async function restarted({ daemon, folder }: TestService, meanwhile?: () => Promise<void>): Promise<Client> {
  await daemon.stop();
  await meanwhile?.();
  const again = await startDaemon(configure({ version: '0', dataFolder: join(folder, 'data') }), silent);
  onTestFinished(() => again.stop());
  return connect(again.file, 'test');
}

async function auc(client: Client): Promise<unknown> {
  await sleep(200);
  const { items } = await client.call('GET /models', {});
  return items.find(({ name }) => name === 'churn')?.current?.metrics['auc'];
}

test.skipIf(process.platform !== 'linux')(
  'what waits for the end of its process counts, although the service was started again meanwhile',
  async () => {
    const service = await startWarmService();
    const training = train(
      service.folder,
      `put('out/churn/metrics.json', '{"auc": 0.7}'); await sleep(500); save('out/churn/churn.safetensors', 1);
       while (!existsSync('go')) await sleep(50);
       put('out/churn/metrics.json', '{"auc": 0.8}'); await sleep(6000);`,
    );
    await until(async () => (await auc(service.client)) === 0.7, 'the first result', 20_000);
    writeFileSync(join(service.folder, 'go'), '');
    const log = join(service.out, 'churn', 'metrics.json');
    await until(() => logWrites(service.daemon.context.db, log).length > 1, 'the note of the second result', 15_000);
    const client = await restarted(service);
    expect(await auc(client)).toBe(0.7);
    await training.ended;
    await until(async () => (await auc(client)) === 0.8, 'the last result');
  },
);

test.skipIf(process.platform !== 'linux')(
  'what waits for the end of its process counts, although that ended while the service was stopped',
  async () => {
    const service = await startWarmService();
    const training = train(
      service.folder,
      `put('out/churn/metrics.json', '{"auc": 0.7}'); await sleep(500); save('out/churn/churn.safetensors', 1);
       while (!existsSync('go')) await sleep(50);
       put('out/churn/metrics.json', '{"auc": 0.8}');
       while (!existsSync('end')) await sleep(50);`,
    );
    await until(async () => (await auc(service.client)) === 0.7, 'the first result', 20_000);
    writeFileSync(join(service.folder, 'go'), '');
    const log = join(service.out, 'churn', 'metrics.json');
    await until(() => logWrites(service.daemon.context.db, log).length > 1, 'the note of the second result', 15_000);
    const end = async (): Promise<void> => {
      writeFileSync(join(service.folder, 'end'), '');
      await training.ended;
      // When watching begins, files written within ten seconds are read in any case.
      await sleep(11_000);
    };
    const client = await restarted(service, end);
    await until(async () => (await auc(client)) === 0.8, 'the last result', 15_000);
  },
);

test('what was written beside a version while the service was stopped is its evidence', async () => {
  const service = await startWarmService();
  await train(service.folder, `save('out/churn/churn.safetensors', 1); await sleep(500);`).ended;
  await until(
    async () => (await auc(service.client)) === undefined && (await service.client.call('GET /models', {})).items[0],
    'the version',
  );
  await service.daemon.stop();
  await train(service.folder, `put('out/churn/metrics.json', '{"auc": 0.8}');`).ended;
  const client = await restarted(service);
  await until(async () => (await auc(client)) === 0.8, 'the result');
});
