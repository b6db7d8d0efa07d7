import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copySample, startService, type TestService } from '../support/daemon.ts';

const strict = 'models: [{ match: "ir*", gates: { production: [{ gate: tags, keys: [dataset] }] } }]\n';
const loose = 'models: [{ match: iris, bytes: external, gates: { production: [] } }]\n';
const any = 'models: [{ match: "*", gates: { "@*": [{ gate: approvals }] } }]\n';
const production = { model: 'iris', version: '1', stage: 'production' };

function repository(service: TestService, name: string, rules: string): string {
  const folder = join(service.out, name);
  mkdirSync(join(folder, '.git'), { recursive: true });
  writeFileSync(join(folder, 'plinth.yaml'), rules);
  return folder;
}

interface Answer {
  status: number;
  text: string;
}

async function mlflow({ daemon, client }: TestService, method: string, path: string, body: object): Promise<Answer> {
  const { token } = await client.call('GET /mlflow', {});
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const url = `http://127.0.0.1:${daemon.file.port}/api/2.0/mlflow/${path}`;
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
  return { status: response.status, text: await response.text() };
}

/** Makes a model that is not on this disk: an MLflow client created it, and its bytes are external. */
async function made(service: TestService): Promise<void> {
  await mlflow(service, 'POST', 'registered-models/create', { name: 'iris' });
  const version = { name: 'iris', source: 's3://elsewhere/iris' };
  expect((await mlflow(service, 'POST', 'model-versions/create', version)).status).toBe(200);
}

function promoted(service: TestService): Promise<Answer> {
  const stage = { name: 'iris', version: '1', stage: 'Production', archive_existing_versions: true };
  return mlflow(service, 'POST', 'model-versions/transition-stage', stage);
}

test('a second file that speaks of a model is told everywhere, and weakens nothing', async () => {
  const service = await startService();
  const [first, second] = [repository(service, 'first', strict), repository(service, 'second', loose)];
  const path = copySample('sklearn/iris-script/outputs/v1/model.joblib', join(first, 'model.joblib'));
  await service.client.call('POST /register', { path, model: 'iris' });
  const gates = (): ReturnType<typeof service.client.call<'GET /models/:model/versions/:version/gates'>> =>
    service.client.call('GET /models/:model/versions/:version/gates', production);
  expect((await gates()).conflicts).toBeUndefined();
  await service.client.call('POST /roots', { path: second });
  const told = `${second}/plinth.yaml also has rules for iris, but ${first}/plinth.yaml was first and applies`;
  const report = await gates();
  expect(report.conflicts).toEqual([expect.stringContaining(told)]);
  expect(report).toMatchObject({ allowed: false, policy: { path: join(first, 'plinth.yaml') } });
  expect((await service.client.call('GET /policy', { path: second })).conflicts).toEqual(report.conflicts);
  expect((await service.client.call('GET /policy', { path: first })).conflicts).toEqual([]);
  const { models } = await service.client.call('GET /review', { model: 'iris' });
  expect(models[0]?.reasons).toContain(report.conflicts?.[0]);
});

test('a file that names every model by a star decides for none that came from elsewhere', async () => {
  const service = await startService();
  const [first, second] = [repository(service, 'first', strict), repository(service, 'second', any)];
  const path = copySample('sklearn/iris-script/outputs/v1/model.joblib', join(first, 'model.joblib'));
  await service.client.call('POST /register', { path, model: 'iris' });
  await service.client.call('POST /roots', { path: second });
  const report = await service.client.call('GET /models/:model/versions/:version/gates', production);
  expect(report.conflicts).toBeUndefined();
});

test('a model that only MLflow clients know follows the one watched folder whose rules name it', async () => {
  const service = await startService();
  const [first, second] = [repository(service, 'first', strict), repository(service, 'second', any)];
  await made(service);
  for (const path of [first, second]) await service.client.call('POST /roots', { path });
  const refused = await promoted(service);
  expect(refused.status).toBe(403);
  expect(refused.text).toContain('tags (v1 has no tag dataset)');
  writeFileSync(join(second, 'plinth.yaml'), loose);
  const torn = await promoted(service);
  expect(torn.status).toBe(403);
  expect(torn.text).toContain('both have rules for iris; choose one with: plinth policy iris PATH');
  await service.client.call('POST /models/:model/policy', { model: 'iris', path: second });
  expect((await promoted(service)).status).toBe(200);
});

test('deleting a model and making it anew leads past no rule, and takes an admin where there are rules', async () => {
  const service = await startService();
  const first = repository(service, 'first', strict);
  await made(service);
  await service.client.call('POST /roots', { path: first });
  await service.client.call('POST /models/:model/policy', { model: 'iris', path: first });
  const refused = await mlflow(service, 'DELETE', 'registered-models/delete', { name: 'iris' });
  expect(refused.status).toBe(403);
  expect(refused.text).toContain('iris has a policy');
  const headers = { authorization: `Bearer ${service.daemon.file.token}`, 'content-type': 'application/json' };
  const url = `http://127.0.0.1:${service.daemon.file.port}/api/2.0/mlflow/registered-models/delete`;
  const deleted = await fetch(url, { method: 'DELETE', headers, body: JSON.stringify({ name: 'iris' }) });
  expect(deleted.status).toBe(200);
  await made(service);
  await service.client.call('POST /roots/remove', { path: first });
  expect((await promoted(service)).text).toContain('tags (v1 has no tag dataset)');
  rmSync(join(first, 'plinth.yaml'));
  expect((await promoted(service)).text).toContain('plinth.yaml: it no longer exists');
});
