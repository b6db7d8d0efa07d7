import { request } from 'node:http';
import { expect, test } from 'vitest';
import { configure } from '../../daemon/config.ts';
import { startService, type TestService } from '../support/daemon.ts';

function statusOf({ daemon }: TestService, headers: Record<string, string>): Promise<number> {
  const options = {
    host: '127.0.0.1',
    port: daemon.file.port,
    path: '/models',
    headers: { authorization: `Bearer ${daemon.file.token}`, ...headers },
  };
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('behind a proxy a service answers under exactly the names that it was given', async () => {
  const service = await startService({ hosts: ['models.example', 'models.example:8443'] });
  for (const host of ['models.example', 'MODELS.example', 'models.example:8443', '127.0.0.1', 'localhost:1'])
    expect([host, await statusOf(service, { host })]).toEqual([host, 200]);
  for (const host of [
    'models.example:1',
    'evil.example',
    'models.example.evil.example',
    'x.models.example',
    'models.example@evil.example',
  ])
    expect([host, await statusOf(service, { host })]).toEqual([host, 400]);
});

test('the name that a proxy replaced counts, too', async () => {
  const service = await startService({ hosts: ['models.example'] });
  expect(await statusOf(service, { host: '127.0.0.1', 'x-forwarded-host': 'models.example' })).toBe(200);
  expect(await statusOf(service, { host: '127.0.0.1', 'x-forwarded-host': 'evil.example' })).toBe(400);
  expect(await statusOf(await startService(), { host: '127.0.0.1', 'x-forwarded-host': 'models.example' })).toBe(400);
});

test('a page of a named host may ask, and a page of another may not', async () => {
  const service = await startService({ hosts: ['models.example'] });
  const from = (origin: string): Promise<number> => statusOf(service, { host: 'models.example', origin });
  expect(await from('https://models.example')).toBe(200);
  expect(await from('https://evil.example')).toBe(403);
  expect(await statusOf(service, { host: '127.0.0.1', origin: 'https://models.example' })).toBe(403);
});

test('PLINTH_HOSTS takes exact names only', () => {
  const before = process.env['PLINTH_HOSTS'];
  const hosts = (text: string): readonly string[] => {
    process.env['PLINTH_HOSTS'] = text;
    try {
      return configure({ version: '0', dataFolder: '/nowhere' }).hosts;
    } finally {
      if (before === undefined) delete process.env['PLINTH_HOSTS'];
      else process.env['PLINTH_HOSTS'] = before;
    }
  };
  expect(hosts(' Models.example , b.example:8443,')).toEqual(['models.example', 'b.example:8443']);
  for (const wrong of ['*.example', 'https://models.example', 'a b', '[::1]', '.example'])
    expect(() => hosts(wrong)).toThrow('PLINTH_HOSTS contains');
});
