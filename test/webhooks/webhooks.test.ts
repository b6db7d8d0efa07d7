import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../daemon/clients/client/request.ts';
import type { Notice } from '../../daemon/protocol/routes/webhooks.ts';
import { checkWebhookUrl, isPublic, pinAddress, shownAddress } from '../../daemon/webhooks/address.ts';
import { signatureOf } from '../../daemon/webhooks/deliver.ts';
import { bodyOf } from '../../daemon/webhooks/template.ts';
import { openWebhooks } from '../../daemon/webhooks/webhooks.ts';
import { samples, startService, temporary, threeVersions, until, type TestService } from '../support/daemon.ts';

interface Receiver {
  url: string;
  got: { headers: IncomingHttpHeaders; body: string; path: string }[];
  /** Status of the next answers; the last one stays. */
  statuses: number[];
}

async function receiver(): Promise<Receiver> {
  const made: Receiver = { url: '', got: [], statuses: [200] };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString('utf8')));
    request.on('end', () => {
      made.got.push({ headers: request.headers, body, path: request.url ?? '' });
      const status = made.statuses.length > 1 ? made.statuses.shift()! : made.statuses[0]!;
      response.writeHead(status, { location: '/elsewhere' }).end('x');
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

function notices({ got }: Receiver): Notice[] {
  return got.map(({ body }) => JSON.parse(body) as Notice);
}

/** A service whose policy asks for a tag, with a model of it. */
async function startWithPolicy(): Promise<TestService> {
  const service = await startService();
  writeFileSync(
    join(service.out, 'plinth.yaml'),
    'models: [{ match: gated, gates: { production: [{ gate: tags, keys: [dataset] }] } }]\n',
  );
  const file = readFileSync(join(samples, 'sklearn/iris-script/outputs/v1/model.joblib'));
  writeFileSync(join(service.out, 'model.joblib'), file);
  await service.client.call('POST /register', { path: join(service.out, 'model.joblib'), model: 'gated' });
  await threeVersions(service.client);
  return service;
}

test(
  'promotions, rollbacks, refusals and requests are told with old and new value, signed, in order',
  { timeout: 30_000 },
  async () => {
    const service = await startWithPolicy();
    const { client } = service;
    const target = await receiver();
    const { secret, id } = await client.call('POST /webhooks', { url: target.url, allowPrivate: true });
    const some = await receiver();
    await client.call('POST /webhooks', { url: some.url, allowPrivate: true, on: ['rolled-back'] });
    const promote = (model: string, version: string) =>
      client.call('POST /models/:model/versions/:version/promote', {
        model,
        version,
        stage: 'production',
        reason: 'best',
      });
    await promote('iris', '1');
    await promote('iris', '2');
    await client.call('POST /models/:model/rollback', { model: 'iris', stage: 'production', reason: 'worse' });
    await expect(promote('gated', '1')).rejects.toMatchObject({ code: 'gate-failed' });
    await client.call('POST /models/:model/versions/:version/ask-approval', {
      model: 'iris',
      version: '3',
      stage: 'production',
    });
    await until(() => target.got.length === 5, 'five notices');
    expect(notices(target).map(({ kind, model, from, to }) => [kind, model, from, to])).toEqual([
      ['promoted', 'iris', null, 1],
      ['promoted', 'iris', 1, 2],
      ['rolled-back', 'iris', 2, 1],
      ['gate-failed', 'gated', null, null],
      ['approval-requested', 'iris', null, 3],
    ]);
    expect(notices(target)[1]).toMatchObject({
      pointer: 'production',
      reason: 'best',
      text: expect.stringMatching(/ promoted production of iris: v1 → v2\.$/) as string,
    });
    for (const { headers, body } of target.got) {
      const [, time = '', signature = ''] =
        /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-plinth-signature'])) ?? [];
      expect(signature).toBe(signatureOf(secret, Number(time), body));
    }
    await until(() => some.got.length === 1, 'the one notice that was wanted');
    expect(notices(some)[0]?.kind).toBe('rolled-back');
    const listed = await client.call('GET /webhooks', {});
    expect(JSON.stringify(listed)).not.toContain(secret);
    await until(async () => (await client.call('GET /webhooks', {})).deliveries.length === 0, 'an empty queue');
    expect(statSync(join(service.folder, 'data', 'webhooks.json')).mode & 0o077).toBe(0);
    expect(await client.call('POST /webhooks/remove', { id })).toEqual({ removed: true });
    await promote('iris', '3');
    expect(target.got).toHaveLength(5);
  },
);

test(
  'a failed delivery is tried again, then kept as a dead letter until somebody asks, over a restart',
  { timeout: 30_000 },
  async () => {
    const { daemon, client } = await startService();
    await threeVersions(client);
    const target = await receiver();
    target.statuses = [500, 503, 200];
    const folder = temporary();
    const open = () => openWebhooks(daemon.context, folder, [20, 20]);
    let webhooks = open();
    daemon.listen((message) => void (message.kind === 'committed' && webhooks.heard(message.events)));
    const { id } = await webhooks.add({ actor: 'ana' }, { url: target.url, allowPrivate: true });
    const promote = (version: string) =>
      client.call('POST /models/:model/versions/:version/promote', { model: 'iris', version, stage: 'production' });
    await promote('1');
    await until(() => target.got.length === 3 && webhooks.list().deliveries.length === 0, 'the third attempt');
    expect(new Set(target.got.map(({ headers }) => headers['x-plinth-delivery'])).size).toBe(1);
    expect(target.got.map(({ path }) => path)).toEqual(['/hook', '/hook', '/hook']);

    target.statuses = [302];
    await promote('2');
    const [dead] = await until(
      () => webhooks.list().deliveries[0]?.nextAt === null && webhooks.list().deliveries,
      'a dead letter',
    );
    expect(dead).toMatchObject({ attempts: 1, problem: 'It answered with a redirect (302), which is not followed.' });
    await webhooks.close();
    webhooks = open();
    expect(webhooks.list().deliveries).toMatchObject([{ id: dead!.id, nextAt: null }]);
    target.statuses = [204];
    expect(webhooks.retry(id)).toEqual({ deliveries: 1 });
    await until(() => webhooks.list().deliveries.length === 0, 'the delivery on request');
    expect((JSON.parse(target.got.at(-1)!.body) as Notice).to).toBe(2);
    expect(await webhooks.test(id)).toEqual({ problem: null });
    target.statuses = [404];
    expect(await webhooks.test(id)).toEqual({ problem: 'It answered with status 404.' });
    await webhooks.close();
  },
);

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  'fe80::1',
  'fc00::1',
  '::ffff:10.0.0.1',
  '64:ff9b::a00:1',
  '2002:a00:1::',
  'ff02::1',
  '2001:db8::1',
])(
  '%s is no public address',
  (address) => expect(isPublic(address)).toBe(false), // prettier-ignore
);

test.each(['93.184.216.34', '8.8.8.8', '2606:2800:220:1:248:1893:25c8:1946'])('%s is a public address', (address) => {
  expect(isPublic(address)).toBe(true);
});

test('a name or number that leads to a private range is refused, unless that is allowed', async () => {
  for (const host of ['localhost', '127.0.0.1', '[::1]', '10.0.0.1', '[::ffff:127.0.0.1]'])
    await expect(pinAddress(host, false)).rejects.toThrow('which is in a private range');
  expect(await pinAddress('127.0.0.1', true)).toEqual({ address: '127.0.0.1', family: 4 });
  for (const host of ['169.254.169.254', '[fe80::1]', '0.0.0.0', '224.0.0.1', '[::ffff:169.254.169.254]'])
    await expect(pinAddress(host, true)).rejects.toThrow('which is never called by a webhook');
  expect(checkWebhookUrl('http://127.0.0.1:1/x', true)).toBe('http://127.0.0.1:1/x');
  for (const [url, allowed] of [
    ['http://127.0.0.1/', false],
    ['http://hooks.example/', true],
    ['ftp://x/', true],
    ['https://a:b@hooks.example/', true],
    ['no', true],
  ] as const)
    expect(() => checkWebhookUrl(url, allowed)).toThrow(/address/);
  // Other spellings of 127.0.0.1 are the same to a URL.
  for (const url of ['https://2130706433/', 'https://0x7f.1/', 'https://127.1/'])
    await expect(pinAddress(new URL(checkWebhookUrl(url, false)).hostname, false)).rejects.toThrow('private range');
});

test('a webhook to a private address reports that, and sends nothing', async () => {
  const { daemon } = await startService();
  const target = await receiver();
  const webhooks = openWebhooks(daemon.context, temporary(), []);
  const { id } = await webhooks.add({ actor: 'ana' }, { url: target.url.replace('http:', 'https:') });
  expect((await webhooks.test(id)).problem).toContain('which is in a private range');
  expect(target.got).toEqual([]);
  await webhooks.close();
});

test('two changes of a webhook at the same time are both kept', async () => {
  const { daemon } = await startService();
  const webhooks = openWebhooks(daemon.context, temporary(), []);
  const { id } = await webhooks.add({ actor: 'ana' }, { url: 'https://hooks.example/' });
  const changes = [{ models: ['churn-*'] }, { on: ['promoted' as const] }];
  await Promise.all(changes.map((change) => webhooks.change({ actor: 'ana' }, { id, ...change })));
  expect(webhooks.list().webhooks).toMatchObject([{ models: ['churn-*'], on: ['promoted'] }]);
  await webhooks.close();
});

test('names and reasons are only text in the body of each template', () => {
  const notice: Notice = { kind: 'promoted', text: 'eve promoted production of <!channel|x> *a* "b": v1 → v2.', reason: '<https://evil.example|click>', model: 'm', version: 2, pointer: 'production', from: 1, to: 2, actor: 'eve', at: 1, event: 1 }; // prettier-ignore
  const slack = (JSON.parse(bodyOf(notice, { template: 'slack' })) as { text: string }).text;
  expect(slack).not.toMatch(/[<>]/);
  expect(slack).toContain('&lt;!channel|x&gt;');
  expect(bodyOf(notice, { template: 'teams' })).toContain('"type":"TextRun"');
  expect(JSON.parse(bodyOf(notice, { template: 'json' }))).toEqual(notice);
});

test('a list shows no address with the secret of a chat service', () => {
  expect(shownAddress('https://hooks.slack.com/services/T0/B0/XYZ')).toBe('https://hooks.slack.com/services/…');
  expect(shownAddress('https://hooks.example/plinth')).toBe('https://hooks.example/plinth');
  expect(shownAddress('https://hooks.example/plinth?token=XYZ')).toBe('https://hooks.example/…');
  expect(shownAddress('https://hooks.example/0123456789abcdef0123456789')).toBe('https://hooks.example/…');
});

test('only the local user may allow addresses of this machine', async () => {
  const { client, daemon } = await startService();
  const { token } = await client.call('POST /tokens', { owner: 'bo', role: 'admin' });
  const other = connect({ ...daemon.file, token }, 'test');
  const wanted = { url: 'https://127.0.0.1/', allowPrivate: true };
  await expect(other.call('POST /webhooks', wanted)).rejects.toMatchObject({ code: 'forbidden' });
  expect((await client.call('POST /webhooks', wanted)).url).toBe(wanted.url);
});

test('only an admin may see and change webhooks', async () => {
  const { client, daemon } = await startService();
  const { token } = await client.call('POST /tokens', { owner: 'bo', role: 'approver' });
  const url = `http://127.0.0.1:${daemon.file.port}/webhooks`;
  expect((await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status).toBe(403);
});
