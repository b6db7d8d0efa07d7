import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connect } from '../../daemon/clients/client/request.ts';
import { configure } from '../../daemon/config.ts';
import { startDaemon } from '../../daemon/daemon.ts';
import { silent } from '../../daemon/log.ts';
import type { Deployment } from '../../daemon/protocol/deployment.ts';
import type { Receipt } from '../../daemon/protocol/routes/pointers.ts';
import { copySample, startService, until, type TestService } from '../support/daemon.ts';

/** Registers three versions below a plinth.yaml with this deployment command for production. */
async function deployed(run: string, more = '', trusted = true): Promise<TestService> {
  const service = await startService();
  mkdirSync(join(service.out, '.git'));
  const command = `{ run: ${JSON.stringify(run)}${more} }`;
  writeFileSync(
    join(service.out, 'plinth.yaml'),
    `models: [{ match: iris, deployment: { production: ${command} } }]\n`,
  );
  for (const run_ of ['v1', 'v2', 'v3']) {
    mkdirSync(join(service.out, run_));
    const path = copySample(
      `sklearn/iris-script/outputs/${run_}/model.joblib`,
      join(service.out, run_, 'model.joblib'),
    );
    await service.client.call('POST /register', { path, model: 'iris' });
  }
  if (trusted) await service.client.call('POST /trust', { path: service.out });
  return service;
}

function promote({ client }: TestService, version: string, stage = 'production'): Promise<Receipt> {
  return client.call('POST /models/:model/versions/:version/promote', { model: 'iris', version, stage });
}

async function deployments({ client }: TestService, version: string): Promise<Deployment[]> {
  const detail = await client.call('GET /models/:model/versions/:version', { model: 'iris', version });
  return detail.deployments ?? [];
}

async function finished(service: TestService, version: string): Promise<Deployment> {
  const last = async (): Promise<Deployment | false> => {
    const found = (await deployments(service, version)).at(-1);
    return found !== undefined && found.finishedAt !== null && found;
  };
  return until(last, `a deployment of v${version}`, 15_000) as Promise<Deployment>;
}

const told = 'ls "$PLINTH_FOLDER" >> told; echo "$PLINTH_MODEL@$PLINTH_VERSION $PLINTH_POINTER" >> told; tail -1 told';

test('a pointer that moves runs its command with the version, by promoting, rolling back, undoing and MLflow alike', async () => {
  const service = await deployed(told);
  const receipt = await promote(service, '1');
  expect(receipt.deployment).toBe('deployment begun');
  expect(await finished(service, '1')).toMatchObject({ exit: 0, problem: null, said: 'iris@1 production' });
  await promote(service, '2');
  await finished(service, '2');
  const back = await service.client.call('POST /models/:model/rollback', { model: 'iris', stage: 'production' });
  await until(async () => (await deployments(service, '1')).length === 2, 'the roll back');
  await finished(service, '1');
  await service.client.call('POST /undo', { seq: back.seq });
  await until(async () => (await deployments(service, '2')).length === 2, 'the undo');
  await finished(service, '2');
  const { port, token } = service.daemon.file;
  await fetch(`http://127.0.0.1:${port}/api/2.0/mlflow/model-versions/transition-stage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'iris', version: '3', stage: 'Production', archive_existing_versions: true }),
  });
  await finished(service, '3');
  const lines = readFileSync(join(service.out, 'told'), 'utf8').trim().split('\n');
  expect(lines.filter((line) => line === 'model.joblib')).toHaveLength(5);
  expect(lines.filter((line) => line.includes('@'))).toEqual(
    ['1', '2', '1', '2', '3'].map((number) => `iris@${number} production`),
  );
  const { items } = await service.client.call('GET /audit', { action: 'deployment.finished' });
  expect(items).toHaveLength(5);
  expect(items[0]).toMatchObject({ actor: 'deployment', number: 3 });
});

test('nothing is deployed while the file is not trusted, and the receipt says so', async () => {
  const service = await deployed('touch ran', '', false);
  const receipt = await promote(service, '1');
  expect(receipt.deployment).toMatch(/^not deployed: .*plinth.yaml are not trusted/);
  expect((await promote(service, '2', 'staging')).deployment).toBeUndefined();
  expect((await service.client.call('GET /trust', { path: service.out })).commands).toEqual(['touch ran']);
  await service.daemon.context.commit({ actor: 'test' }, () => ({ events: [], result: () => null }));
  expect(existsSync(join(service.out, 'ran'))).toBe(false);
  expect(await deployments(service, '1')).toEqual([]);
});

test.each([
  ['echo no room; exit 3', '', { exit: 3, problem: 'it exited with 3', said: 'no room' }],
  ['sleep 60', ', timeout: 1s', { exit: null, problem: 'it was ended after 1 s' }],
  ['no-such-program-at-all', '', { exit: 127, problem: 'it exited with 127' }],
])('a deployment that fails (%s) is told, and moves nothing back', async (run, more, result) => {
  const service = await deployed(run, more);
  await promote(service, '1');
  expect(await finished(service, '1')).toMatchObject(result);
  const { pointers } = await service.client.call('GET /models/:model', { model: 'iris' });
  expect(pointers[0]).toMatchObject({ name: 'production', holder: 1 });
});

test('one runs at a time, and of the moves that wait the newest is deployed', async () => {
  const service = await deployed('echo $PLINTH_VERSION >> told; sleep 1');
  await promote(service, '1');
  await until(() => existsSync(join(service.out, 'told')), 'the first');
  for (const version of ['2', '3', '2', '3']) await promote(service, version);
  await finished(service, '3');
  expect(readFileSync(join(service.out, 'told'), 'utf8')).toBe('1\n3\n');
});

test('what a service that died left is told as unfinished by the next one', async () => {
  const service = await deployed('sleep 60');
  await promote(service, '1');
  await until(async () => (await deployments(service, '1')).length === 1, 'it runs');
  await service.daemon.stop();
  const config = configure({ version: '0.0.0', dataFolder: join(service.folder, 'data') });
  const second = await startDaemon(config, silent);
  const client = connect(second.file, 'test');
  const stopped = await finished({ ...service, client }, '1');
  expect(stopped.problem).toBe('it was ended because the registry service stopped');
  const body = { model: modelId(second), number: 1, kind: 'stage' as const, name: 'production', moved: 999 };
  await second.context.commit({ actor: 'test' }, () => ({
    events: [{ type: 'deployment.started/1', body: { ...body, run: 'x', policy: 'sha256:0' } }],
    result: () => null,
  }));
  await second.stop();
  const third = await startDaemon(config, silent);
  const left = await finished({ ...service, client: connect(third.file, 'test') }, '1');
  expect(left.problem).toBe('unfinished: the registry service ended while it ran');
  await third.stop();
});

function modelId({ context }: { context: TestService['daemon']['context'] }): string {
  return String(context.db.sql('SELECT id FROM models').get()?.['id']);
}
