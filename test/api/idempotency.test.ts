import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readDaemonFile } from '../../daemon/clients/client/discover.ts';
import { isProven } from '../../daemon/clients/client/prove.ts';
import { connect } from '../../daemon/clients/client/request.ts';
import type { DaemonFile } from '../../daemon/protocol/handshake.ts';
import { startService, samples, temporary, threeVersions, until, type TestService } from '../support/daemon.ts';

interface Answer {
  status: number;
  body: unknown;
}

async function post(file: DaemonFile, path: string, body: object, key: string): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${file.port}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${file.token}`, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

const iris = '/models/iris';
const production = { stage: 'production' };

async function held(testService: TestService, ...numbers: number[]): Promise<void> {
  await threeVersions(testService.client);
  for (const number of numbers)
    await testService.client.call('POST /models/:model/versions/:version/promote', {
      model: 'iris',
      version: String(number),
      ...production,
    });
}

/** Returns the events whose actor is a client of this kind, without lineage, which is recorded whenever it is found. */
async function doneBy({ client }: TestService, kind: string): Promise<string[]> {
  const { items } = await client.call('GET /log', { limit: 100 });
  return items
    .filter(({ actor, type }) => actor.endsWith(kind) && type !== 'version.lineage/1')
    .map(({ type }) => type);
}

/** Requests that cannot be carried out twice, each with something that happens in between. */
const moves: [string, string, object, (testService: TestService) => Promise<unknown>][] = [
  ['a roll back', `${iris}/rollback`, production, () => Promise.resolve()],
  ['a roll back of a seen holder', `${iris}/rollback`, { ...production, expect: 2 }, () => Promise.resolve()],
  [
    'a promotion of a version that was deleted since',
    `${iris}/versions/3/promote`,
    { alias: 'a' },
    async ({ client }) => {
      await client.call('POST /models/:model/unalias', { model: 'iris', alias: 'a' });
      await client.call('POST /models/:model/versions/:version/delete', { model: 'iris', version: '3' });
    },
  ],
  [
    'a promotion in a model that was renamed since',
    `${iris}/versions/3/promote`,
    production,
    ({ client }) => client.call('POST /models/:model/rename', { model: 'iris', name: 'lily' }),
  ],
  ['a deletion', `${iris}/versions/3/delete`, {}, () => Promise.resolve()],
  [
    'an archiving that was taken back',
    `${iris}/versions/3/archive`,
    {},
    ({ client }) => client.call('POST /models/:model/versions/:version/restore', { model: 'iris', version: '3' }),
  ],
  ['a registration', '/register', { path: join(samples, 'peft', 'adapter-lora'), model: 'x' }, () => Promise.resolve()],
];

test.for(moves)('%s is answered with its first reply when it is repeated', async ([, path, body, since]) => {
  const testService = await startService();
  await held(testService, 1, 2);
  const first = await post(testService.daemon.file, path, body, 'k');
  expect(first.status).toBe(200);
  await since(testService);
  const done = await doneBy(testService, '/api');
  expect(await post(testService.daemon.file, path, body, 'k')).toEqual(first);
  expect(await doneBy(testService, '/api')).toEqual(done);
});

test('an undo, a watched folder and a removed alias are answered once as well', async () => {
  const testService = await startService();
  await held(testService, 1, 2);
  const { seq } = await testService.client.call('POST /models/:model/rollback', { model: 'iris', ...production });
  await testService.client.call('POST /models/:model/versions/:version/promote', {
    model: 'iris',
    version: '1',
    alias: 'a',
  });
  for (const [path, body] of [
    ['/undo', { seq }],
    ['/roots', { path: testService.out }],
    [`${iris}/unalias`, { alias: 'a' }],
  ] as const) {
    const first = await post(testService.daemon.file, path, body, path);
    expect([path, first.status]).toEqual([path, 200]);
    expect(await post(testService.daemon.file, path, body, path)).toEqual(first);
  }
});

test('of two equal requests that arrive together one is carried out, and both get its reply', async () => {
  const testService = await startService();
  await held(testService, 1, 2, 3);
  const answers = await Promise.all(
    [1, 2, 3].map(() => post(testService.daemon.file, `${iris}/rollback`, { ...production, expect: 3 }, 'k')),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
});

test('a key that stands for another request is refused before anything is decided, also where only the query differs', async () => {
  const testService = await startService();
  await held(testService, 1, 2);
  expect((await post(testService.daemon.file, `${iris}/rollback`, production, 'k')).status).toBe(200);
  for (const [path, body] of [
    [`${iris}/rollback`, { ...production, reason: 'x' }],
    [`${iris}/rollback?reason=x`, production],
    [`${iris}/versions/3/promote`, production],
  ] as const)
    expect(await post(testService.daemon.file, path, body, 'k')).toMatchObject({
      status: 409,
      body: { error: { code: 'conflict', message: expect.stringContaining('used for another request') } },
    });
});

test('a refusal is not kept: the same request may succeed later', async () => {
  const testService = await startService();
  await held(testService, 1);
  expect((await post(testService.daemon.file, `${iris}/rollback`, production, 'k')).status).toBe(409);
  await testService.client.call('POST /models/:model/versions/:version/promote', {
    model: 'iris',
    version: '2',
    ...production,
  });
  expect((await post(testService.daemon.file, `${iris}/rollback`, production, 'k')).status).toBe(200);
});

test("nobody is answered with another token's reply", async () => {
  const testService = await startService();
  await held(testService, 1, 2, 3);
  const { token } = await testService.client.call('POST /tokens', { owner: 'bo', role: 'contributor' });
  const first = await post(testService.daemon.file, `${iris}/rollback`, production, 'k');
  const other = await post({ ...testService.daemon.file, token }, `${iris}/rollback`, production, 'k');
  expect(first.body).toMatchObject({ from: 3, to: 2 });
  expect(other.body).toMatchObject({ from: 2, to: 1, actor: 'bo/api' });
});

test('what a service runs besides its first commit is done under a key, too', async () => {
  const testService = await startService();
  const path = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib');
  await post(testService.daemon.file, '/register', { path, model: 'iris' }, 'k');
  await until(
    async () =>
      (await testService.client.call('GET /models/:model/versions/:version', { model: 'iris', version: '1' })).lineage,
    'the lineage',
  );
});

const serve = join(import.meta.dirname, '..', 'faults', 'serve.ts');

async function started(data: string): Promise<{ file: DaemonFile; process: ChildProcess }> {
  const child = spawn(process.execPath, [serve, data], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const file = await until(async () => {
    const found = readDaemonFile(data);
    return found && found.pid === child.pid && (await isProven(found)) ? found : undefined;
  }, 'the daemon');
  return { file, process: child };
}

test('a reply outlives kill -9, whether the client had read it or not', { timeout: 60_000 }, async () => {
  const data = join(temporary(), 'data');
  let service = await started(data);
  const restarted = async (): Promise<void> => {
    const gone = once(service.process, 'exit');
    service.process.kill('SIGKILL');
    await gone;
    service = await started(data);
  };
  const client = connect(service.file, 'test');
  await threeVersions(client);
  for (const version of ['1', '2', '3'])
    await client.call('POST /models/:model/versions/:version/promote', { model: 'iris', version, ...production });
  const read = await post(service.file, `${iris}/rollback`, production, 'read');
  await restarted();
  expect(await post(service.file, `${iris}/rollback`, production, 'read')).toEqual(read);
  expect(read.body).toMatchObject({ from: 3, to: 2 });

  const unread = post(service.file, `${iris}/rollback`, { ...production, expect: 2 }, 'unread').catch(() => undefined);
  await until(
    async () =>
      (await connect(service.file, 'test').call('GET /models/:model', { model: 'iris' })).pointers[0]?.holder === 1,
    'the move',
  );
  await restarted();
  await unread;
  const repeated = await post(service.file, `${iris}/rollback`, { ...production, expect: 2 }, 'unread');
  expect(repeated).toMatchObject({ status: 200, body: { from: 2, to: 1 } });
});
