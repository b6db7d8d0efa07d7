import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../daemon/clients/client/request.ts';
import type { Notice } from '../../daemon/protocol/routes/webhooks.ts';
import { certificatesIn } from '../../daemon/webhooks/authority.ts';
import { checkTemplate, fillTemplate } from '../../daemon/webhooks/own-template.ts';
import { startService, temporary, threeVersions, until } from '../support/daemon.ts';

const notice: Notice = { kind: 'promoted', text: 'eve promoted production of a"b: empty → v2.', reason: '","admin":true,"x":"', model: 'a"b\u202e\n{actor}', version: 2, pointer: 'production', from: null, to: 2, actor: 'eve', at: 0, event: 7 }; // prettier-ignore

function filled(template: unknown): unknown {
  const text = JSON.stringify(template);
  checkTemplate(text);
  return JSON.parse(fillTemplate(text, notice)) as unknown;
}

test('a value in a form of ones own is text within its text, and alone the value itself', () => {
  expect(filled({ a: ['{model}: {kind}'], v: '{version}', f: '{from}', t: '{time}', u: 'x/{from}/{to}' })).toEqual({
    a: ['a"b\u202e\n{actor}: promoted'],
    v: 2,
    f: null,
    t: '1970-01-01T00:00:00.000Z',
    u: 'x//2',
  });
  expect(filled({ r: '{reason}', '{model}': 1, ['__proto__']: { x: '{to}' } })).toEqual(
    JSON.parse('{"r":"\\",\\"admin\\":true,\\"x\\":\\"","{model}":1,"__proto__":{"x":2}}'),
  );
  expect(filled({ n: 1, b: false, z: null, s: '$& {} { model } {{DATE(2026)}} $' })).toEqual({
    n: 1,
    b: false,
    z: null,
    s: '$& {} { model } {{DATE(2026)}} $',
  });
});

test.each([
  ['with a misspelt name', '{"a":"{modle}"}', /has \{modle\}, which no notice has\. Use one of \{kind\}/],
  ['with a name that every object has', '{"a":"{constructor}"}', /has \{constructor\}/],
  ['with a name outside of a text', '{"a":{model}}', /is not JSON/],
  ['without content', '', /is not JSON/],
  ['that is a list', '["{model}"]', /must be a JSON object/],
  ['with 200 levels', `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`, /more than 30 levels/],
])('a template %s is refused in one sentence', (_, text, why) => {
  expect(() => checkTemplate(text)).toThrow(why);
});

test('a webhook is told only about the models and kinds that it names, and both can be changed', async (context) => {
  const { client, folder } = await startService();
  await threeVersions(client);
  const got = await receiverOverTls();
  if (!got) return context.skip('there is no openssl');
  const promote = (version: string) =>
    client.call('POST /models/:model/versions/:version/promote', { model: 'iris', version, stage: 'production' });
  const { id, secret } = await client.call('POST /webhooks', {
    url: got.url,
    allowPrivate: true,
    models: ['churn-*'],
    body: '{"key":"R0-secret","m":"{model}","v":"{version}"}',
    ca: `text before\n${got.ca}`,
  });
  await promote('1');
  const changed = await client.call('POST /webhooks/change', { id, models: ['ir?s'], on: ['promoted'] });
  expect(changed).toMatchObject({ models: ['ir?s'], on: ['promoted'], template: 'own', hasAuthority: true });
  await promote('2');
  await client.call('POST /models/:model/rollback', { model: 'iris', stage: 'production', reason: 'worse' });
  await promote('3');
  await until(() => got.bodies.length === 2, 'two notices');
  expect(got.bodies.map((one) => JSON.parse(one) as unknown)).toEqual([
    { key: 'R0-secret', m: 'iris', v: 2 },
    { key: 'R0-secret', m: 'iris', v: 3 },
  ]);
  await client.call('POST /webhooks/change', { id, template: 'json', ca: null });
  expect((await client.call('POST /webhooks/test', { id })).problem).toMatch(/certificate|issuer/);
  await client.call('POST /webhooks/remove', { id });
  const { items } = await client.call('GET /audit', { action: 'webhook' });
  expect(items.map(({ type, body }) => [type, body['origin'], body['models']])).toEqual([
    ['webhook.removed/1', new URL(got.url).origin, undefined],
    ['webhook.changed/1', new URL(got.url).origin, ['ir?s']],
    ['webhook.changed/1', new URL(got.url).origin, ['ir?s']],
    ['webhook.added/1', new URL(got.url).origin, ['churn-*']],
  ]);
  expect(items.every(({ actor }) => actor.includes('/'))).toBe(true);
  const shown = JSON.stringify([items, changed, await client.call('GET /webhooks', {})]);
  for (const hidden of ['R0-secret', secret, '/hook/T0', 'CERTIFICATE']) expect(shown).not.toContain(hidden);
  expect(readFileSync(join(folder, 'data', 'webhooks.json'), 'utf8')).not.toContain('R0-secret');
});

test('a certificate of another authority or for another name is refused', async (context) => {
  const [got, other] = [await receiverOverTls(), await receiverOverTls()];
  if (!got || !other) return context.skip('there is no openssl');
  const { client } = await startService();
  const problemAt = async (url: string, ca: string): Promise<string | null> => {
    const { id } = await client.call('POST /webhooks', { url, allowPrivate: true, ca });
    return (await client.call('POST /webhooks/test', { id })).problem;
  };
  expect(await problemAt(got.url, got.ca)).toBe(null);
  expect(await problemAt(got.url, other.ca)).toMatch(/certificate|issuer/);
  expect(await problemAt(got.url.replace('127.0.0.1', '127.0.0.2'), got.ca)).toMatch(/127\.0\.0\.2 is not in/);
  expect(got.bodies).toHaveLength(1);
  const now = Date.now();
  expect(() => certificatesIn(`${got.ca}\n-----BEGIN PRIVATE KEY-----`, now)).toThrow('contains a private key');
  expect(() => certificatesIn('no certificate', now)).toThrow('1 to 20 certificates');
  expect(() => certificatesIn(got.ca, now + 30 * 86_400_000)).toThrow('is valid until');
  const broken = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----';
  expect(() => certificatesIn(broken, now)).toThrow('cannot be read');
});

test('a person on another machine changes neither address nor form of a webhook to a private address', async () => {
  const { client, daemon } = await startService();
  const { token } = await client.call('POST /tokens', { owner: 'bo', role: 'admin' });
  const bo = connect({ ...daemon.file, token }, 'test');
  const { id } = await client.call('POST /webhooks', { url: 'https://127.0.0.1/', allowPrivate: true });
  for (const change of [{ url: 'https://10.0.0.1/' }, { body: '{"a":1}' }, { ca: null }])
    await expect(bo.call('POST /webhooks/change', { id, ...change })).rejects.toMatchObject({ code: 'forbidden' });
  const own = await bo.call('POST /webhooks', { url: 'https://hooks.example/' });
  await bo.call('POST /webhooks/change', { id: own.id, url: 'https://10.0.0.1/' });
  expect((await bo.call('POST /webhooks/test', { id: own.id })).problem).toContain('which is in a private range');
  const refused = { code: 'invalid-request' };
  for (const change of [{ url: 'http://10.0.0.1/' }, { body: '{', template: 'json' as const }, { body: '{' }])
    await expect(client.call('POST /webhooks/change', { id, ...change })).rejects.toMatchObject(refused);
  const plain = await client.call('POST /webhooks', { url: 'http://127.0.0.1/', allowPrivate: true });
  await expect(client.call('POST /webhooks/change', { id: plain.id, ca: 'x' })).rejects.toMatchObject(refused);
  expect((await client.call('GET /audit', { action: 'webhook', actor: 'bo' })).items).toHaveLength(2);
});

interface TlsReceiver {
  url: string;
  /** Certificate of the authority that signed the receiver's. */
  ca: string;
  bodies: string[];
}

/** Starts a receiver whose certificate a new authority signed for 127.0.0.1; undefined without openssl. */
async function receiverOverTls(): Promise<TlsReceiver | undefined> {
  const identity = newIdentity(temporary());
  if (!identity) return undefined;
  const bodies: string[] = [];
  const server = createServer(identity, (request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString('utf8')));
    request.on('end', () => {
      bodies.push(body);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/hook/T0`, ca: identity.authority, bodies };
}

function newIdentity(folder: string): (ServerOptions & { authority: string }) | undefined {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const openssl = (...words: string[]): boolean => spawnSync('openssl', words, { cwd: folder }).status === 0;
  writeFileSync(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1\n');
  const isMade =
    openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=An authority') &&
    openssl('req', '-new', ...key.slice(0, 5), '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=receiver') &&
    openssl('x509', '-req', '-in', 'request.pem', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names', '-out', 'cert.pem'); // prettier-ignore
  if (!isMade) return undefined;
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return { key: read('key.pem'), cert: read('cert.pem'), authority: read('ca.pem') };
}
