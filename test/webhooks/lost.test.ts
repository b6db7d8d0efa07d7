import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../daemon/clients/client/request.ts';
import { configure } from '../../daemon/config.ts';
import { startDaemon } from '../../daemon/daemon.ts';
import { silent } from '../../daemon/log.ts';
import type { Delivery, Notice } from '../../daemon/protocol/routes/webhooks.ts';
import type { StoredWebhooks } from '../../daemon/webhooks/store.ts';
import { startService, threeVersions, until, type TestService } from '../support/daemon.ts';

/** A receiver that answers with a status, or never if that is null. */
interface Receiver {
  url: string;
  status: number | null;
  versions: (number | null)[];
}

async function startReceiver(status: number | null): Promise<Receiver> {
  const made: Receiver = { url: '', status, versions: [] };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString('utf8')));
    request.on('end', () => {
      made.versions.push((JSON.parse(body) as Notice).to);
      if (made.status !== null) response.writeHead(made.status).end('<html>'.repeat(100_000));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  made.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return made;
}

type Service = Pick<TestService, 'client'>;

function promote({ client }: Service, version: string): Promise<unknown> {
  return client.call('POST /models/:model/versions/:version/promote', { model: 'iris', version, stage: 'production' });
}

async function deliveries({ client }: Service): Promise<Delivery[]> {
  return (await client.call('GET /webhooks', {})).deliveries;
}

test(
  'what was committed before a crash and not stored yet is told by the next service, once',
  { timeout: 30_000 },
  async () => {
    const service = await startService();
    await threeVersions(service.client);
    await promote(service, '3');
    const receiver = await startReceiver(503);
    await service.client.call('POST /webhooks', { url: receiver.url, allowPrivate: true });
    const dataFolder = join(service.folder, 'data');
    const file = join(dataFolder, 'webhooks.json');
    await promote(service, '1');
    await until(() => receiver.versions.length === 1, 'a failed attempt');
    await until(async () => (await deliveries(service))[0]?.attempts === 1, 'its record');
    const before = readFileSync(file, 'utf8');
    await promote(service, '2');
    await service.daemon.stop();
    // As if the process had been killed between the commit of the second promotion and the write of its notice.
    const state = JSON.parse(before) as StoredWebhooks;
    for (const one of state.deliveries) one.nextAt = 0;
    writeFileSync(file, JSON.stringify(state));
    receiver.status = 200;
    const next = await startDaemon(configure({ version: '0.0.0', dataFolder }), silent);
    try {
      const client = connect(next.file, 'test');
      await until(
        async () => (await deliveries({ client })).length === 0 && receiver.versions.length >= 3,
        'both notices',
      );
      expect(receiver.versions).toEqual([1, 1, 2]);
    } finally {
      await next.stop();
    }
  },
);

test(
  'a receiver that fails for a day is asked nine times, in order; then all that waits is given up and shown',
  { timeout: 60_000 },
  async () => {
    let at = Date.now();
    const service = await startService({ now: () => at });
    await threeVersions(service.client);
    const receiver = await startReceiver(500);
    const { id } = await service.client.call('POST /webhooks', { url: receiver.url, allowPrivate: true });
    await promote(service, '1');
    await promote(service, '2');
    const started = at;
    for (let attempts = 1; attempts < 9; attempts += 1) {
      const first = await until(async () => {
        const [one] = await deliveries(service);
        return one?.attempts === attempts && one;
      }, `attempt ${attempts}`);
      expect((await service.client.call('GET /status', {})).warnings).toEqual([]);
      at = first.nextAt!;
    }
    await until(async () => (await deliveries(service)).every(({ nextAt }) => nextAt === null), 'the end');
    const hours = (at - started) / 3_600_000;
    expect(hours).toBeGreaterThan(22);
    expect(hours).toBeLessThan(25);
    expect(receiver.versions).toEqual(Array.from({ length: 9 }, () => 1));
    expect((await service.client.call('GET /status', {})).warnings?.join()).toContain('2 notices of webhooks');
    receiver.status = 204;
    expect(await service.client.call('POST /webhooks/retry', { id })).toEqual({ deliveries: 2 });
    await until(async () => (await deliveries(service)).length === 0, 'both');
    expect(receiver.versions.slice(-2)).toEqual([1, 2]);
  },
);

test('a notice that the receiver does not want does not hold up the next one', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const receiver = await startReceiver(400);
  await service.client.call('POST /webhooks', { url: receiver.url, allowPrivate: true });
  await promote(service, '1');
  await until(async () => (await deliveries(service))[0]?.nextAt === null, 'the refusal');
  receiver.status = 200;
  await promote(service, '2');
  await until(() => receiver.versions.length === 2, 'the next');
  expect(receiver.versions).toEqual([1, 2]);
});

test('a receiver that never answers holds up neither a promotion nor the end of the service', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const receiver = await startReceiver(null);
  await service.client.call('POST /webhooks', { url: receiver.url, allowPrivate: true });
  await promote(service, '1');
  await until(() => receiver.versions.length === 1, 'the request');
  await promote(service, '2');
  const before = performance.now();
  await service.daemon.stop();
  expect(performance.now() - before).toBeLessThan(5000);
});

test('a refusal by gates that an MLflow client meets is told, too', async () => {
  const service = await startService();
  writeFileSync(
    join(service.out, 'plinth.yaml'),
    'models: [{ match: iris, gates: { production: [{ gate: tags, keys: [dataset] }] } }]\n',
  );
  const model = join(service.out, 'model.joblib');
  writeFileSync(
    model,
    readFileSync(join(import.meta.dirname, '../fixtures/samples/sklearn/iris-script/outputs/v1/model.joblib')),
  );
  await service.client.call('POST /register', { path: model, model: 'iris' });
  const receiver = await startReceiver(200);
  await service.client.call('POST /webhooks', { url: receiver.url, allowPrivate: true, on: ['gate-failed'] });
  const { port, token } = service.daemon.file;
  const reply = await fetch(`http://127.0.0.1:${port}/api/2.0/mlflow/model-versions/transition-stage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'iris', version: '1', stage: 'Production' }),
  });
  expect(reply.ok).toBe(false);
  await until(() => receiver.versions.length === 1, 'the refusal');
});
