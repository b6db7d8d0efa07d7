import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connect } from '../../daemon/clients/client/request.ts';
import { configure } from '../../daemon/config.ts';
import { startDaemon } from '../../daemon/daemon.ts';
import { silent } from '../../daemon/log.ts';
import type { Deployment } from '../../daemon/protocol/deployment.ts';
import type { Receipt } from '../../daemon/protocol/routes/pointers.ts';
import { copySample, here, until, type Here } from '../support/daemon.ts';

/** Registers three versions below a plinth.yaml with this deployment command for production. */
async function deployed(run: string, more = '', trusted = true): Promise<Here> {
  const place = await here();
  mkdirSync(join(place.out, '.git'));
  const command = `{ run: ${JSON.stringify(run)}${more} }`;
  writeFileSync(join(place.out, 'plinth.yaml'), `models: [{ match: iris, deployment: { production: ${command} } }]\n`);
  for (const run_ of ['v1', 'v2', 'v3']) {
    mkdirSync(join(place.out, run_));
    const path = copySample(`sklearn/iris-script/outputs/${run_}/model.joblib`, join(place.out, run_, 'model.joblib'));
    await place.client.call('POST /register', { path, model: 'iris' });
  }
  if (trusted) await place.client.call('POST /trust', { path: place.out });
  return place;
}

function promote({ client }: Here, version: string, stage = 'production'): Promise<Receipt> {
  return client.call('POST /models/:model/versions/:version/promote', { model: 'iris', version, stage });
}

async function deployments({ client }: Here, version: string): Promise<Deployment[]> {
  const detail = await client.call('GET /models/:model/versions/:version', { model: 'iris', version });
  return detail.deployments ?? [];
}

async function finished(place: Here, version: string): Promise<Deployment> {
  const last = async (): Promise<Deployment | false> => {
    const found = (await deployments(place, version)).at(-1);
    return found !== undefined && found.finishedAt !== null && found;
  };
  return until(last, `a deployment of v${version}`, 15_000) as Promise<Deployment>;
}

const told = 'ls "$PLINTH_FOLDER" >> told; echo "$PLINTH_MODEL@$PLINTH_VERSION $PLINTH_POINTER" >> told; tail -1 told';

test('a pointer that moves runs its command with the version, by promoting, rolling back, undoing and MLflow alike', async () => {
  const place = await deployed(told);
  const receipt = await promote(place, '1');
  expect(receipt.deployment).toBe('deployment begun');
  expect(await finished(place, '1')).toMatchObject({ exit: 0, problem: null, said: 'iris@1 production' });
  await promote(place, '2');
  await finished(place, '2');
  const back = await place.client.call('POST /models/:model/rollback', { model: 'iris', stage: 'production' });
  await until(async () => (await deployments(place, '1')).length === 2, 'the roll back');
  await finished(place, '1');
  await place.client.call('POST /undo', { seq: back.seq });
  await until(async () => (await deployments(place, '2')).length === 2, 'the undo');
  await finished(place, '2');
  const { port, token } = place.daemon.file;
  await fetch(`http://127.0.0.1:${port}/api/2.0/mlflow/model-versions/transition-stage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'iris', version: '3', stage: 'Production', archive_existing_versions: true }),
  });
  await finished(place, '3');
  const lines = readFileSync(join(place.out, 'told'), 'utf8').trim().split('\n');
  expect(lines.filter((line) => line === 'model.joblib')).toHaveLength(5);
  expect(lines.filter((line) => line.includes('@'))).toEqual(
    ['1', '2', '1', '2', '3'].map((number) => `iris@${number} production`),
  );
  const { items } = await place.client.call('GET /audit', { action: 'deployment.finished' });
  expect(items).toHaveLength(5);
  expect(items[0]).toMatchObject({ actor: 'deployment', number: 3 });
});

test('nothing is deployed while the file is not trusted, and the receipt says so', async () => {
  const place = await deployed('touch ran', '', false);
  const receipt = await promote(place, '1');
  expect(receipt.deployment).toMatch(/^not deployed: .*plinth.yaml are not trusted/);
  expect((await promote(place, '2', 'staging')).deployment).toBeUndefined();
  expect((await place.client.call('GET /trust', { path: place.out })).commands).toEqual(['touch ran']);
  await place.daemon.context.commit({ actor: 'test' }, () => ({ events: [], result: () => null }));
  expect(existsSync(join(place.out, 'ran'))).toBe(false);
  expect(await deployments(place, '1')).toEqual([]);
});

test.each([
  ['echo no room; exit 3', '', { exit: 3, problem: 'it exited with 3', said: 'no room' }],
  ['sleep 60', ', timeout: 1s', { exit: null, problem: 'it was ended after 1 s' }],
  ['no-such-program-at-all', '', { exit: 127, problem: 'it exited with 127' }],
])('a deployment that fails (%s) is told, and moves nothing back', async (run, more, result) => {
  const place = await deployed(run, more);
  await promote(place, '1');
  expect(await finished(place, '1')).toMatchObject(result);
  const { pointers } = await place.client.call('GET /models/:model', { model: 'iris' });
  expect(pointers[0]).toMatchObject({ name: 'production', holder: 1 });
});

test('one runs at a time, and of the moves that wait the newest is deployed', async () => {
  const place = await deployed('echo $PLINTH_VERSION >> told; sleep 1');
  await promote(place, '1');
  await until(() => existsSync(join(place.out, 'told')), 'the first');
  for (const version of ['2', '3', '2', '3']) await promote(place, version);
  await finished(place, '3');
  expect(readFileSync(join(place.out, 'told'), 'utf8')).toBe('1\n3\n');
});

test('what a service that died left is told as unfinished by the next one', async () => {
  const place = await deployed('sleep 60');
  await promote(place, '1');
  await until(async () => (await deployments(place, '1')).length === 1, 'it runs');
  await place.daemon.stop();
  const config = configure({ version: '0.0.0', dataFolder: join(place.folder, 'data') });
  const second = await startDaemon(config, silent);
  const client = connect(second.file, 'test');
  const stopped = await finished({ ...place, client }, '1');
  expect(stopped.problem).toBe('it was ended because the registry service stopped');
  const body = { model: modelId(second), number: 1, kind: 'stage' as const, name: 'production', moved: 999 };
  await second.context.commit({ actor: 'test' }, () => ({
    events: [{ type: 'deployment.started/1', body: { ...body, run: 'x', policy: 'sha256:0' } }],
    result: () => null,
  }));
  await second.stop();
  const third = await startDaemon(config, silent);
  const left = await finished({ ...place, client: connect(third.file, 'test') }, '1');
  expect(left.problem).toBe('unfinished: the registry service ended while it ran');
  await third.stop();
});

function modelId({ context }: { context: Here['daemon']['context'] }): string {
  return String(context.db.sql('SELECT id FROM models').get()?.['id']);
}
