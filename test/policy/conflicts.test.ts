import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copySample, here, type Here } from '../support/daemon.ts';

const strict = 'models: [{ match: "ir*", gates: { production: [{ gate: tags, keys: [dataset] }] } }]\n';
const loose = 'models: [{ match: iris, bytes: external, gates: { production: [] } }]\n';
const any = 'models: [{ match: "*", gates: { "@*": [{ gate: approvals }] } }]\n';
const production = { model: 'iris', version: '1', stage: 'production' };

function repository(place: Here, name: string, rules: string): string {
  const folder = join(place.out, name);
  mkdirSync(join(folder, '.git'), { recursive: true });
  writeFileSync(join(folder, 'plinth.yaml'), rules);
  return folder;
}

interface Answer {
  status: number;
  text: string;
}

async function mlflow({ daemon, client }: Here, method: string, path: string, body: object): Promise<Answer> {
  const { token } = await client.call('GET /mlflow', {});
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const url = `http://127.0.0.1:${daemon.file.port}/api/2.0/mlflow/${path}`;
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
  return { status: response.status, text: await response.text() };
}

/** Makes a model that is not on this disk: an MLflow client created it, and its bytes are external. */
async function made(place: Here): Promise<void> {
  await mlflow(place, 'POST', 'registered-models/create', { name: 'iris' });
  const version = { name: 'iris', source: 's3://elsewhere/iris' };
  expect((await mlflow(place, 'POST', 'model-versions/create', version)).status).toBe(200);
}

function promoted(place: Here): Promise<Answer> {
  const stage = { name: 'iris', version: '1', stage: 'Production', archive_existing_versions: true };
  return mlflow(place, 'POST', 'model-versions/transition-stage', stage);
}

test('a second file that speaks of a model is told everywhere, and weakens nothing', async () => {
  const place = await here();
  const [first, second] = [repository(place, 'first', strict), repository(place, 'second', loose)];
  const path = copySample('sklearn/iris-script/outputs/v1/model.joblib', join(first, 'model.joblib'));
  await place.client.call('POST /register', { path, model: 'iris' });
  const gates = (): ReturnType<typeof place.client.call<'GET /models/:model/versions/:version/gates'>> =>
    place.client.call('GET /models/:model/versions/:version/gates', production);
  expect((await gates()).conflicts).toBeUndefined();
  await place.client.call('POST /roots', { path: second });
  const told = `${second}/plinth.yaml also has rules for iris, but ${first}/plinth.yaml was first and applies`;
  const report = await gates();
  expect(report.conflicts).toEqual([expect.stringContaining(told)]);
  expect(report).toMatchObject({ allowed: false, policy: { path: join(first, 'plinth.yaml') } });
  expect((await place.client.call('GET /policy', { path: second })).conflicts).toEqual(report.conflicts);
  expect((await place.client.call('GET /policy', { path: first })).conflicts).toEqual([]);
  const { models } = await place.client.call('GET /review', { model: 'iris' });
  expect(models[0]?.reasons).toContain(report.conflicts?.[0]);
});

test('a file that names every model by a star decides for none that came from elsewhere', async () => {
  const place = await here();
  const [first, second] = [repository(place, 'first', strict), repository(place, 'second', any)];
  const path = copySample('sklearn/iris-script/outputs/v1/model.joblib', join(first, 'model.joblib'));
  await place.client.call('POST /register', { path, model: 'iris' });
  await place.client.call('POST /roots', { path: second });
  const report = await place.client.call('GET /models/:model/versions/:version/gates', production);
  expect(report.conflicts).toBeUndefined();
});

test('a model that only MLflow clients know follows the one watched folder whose rules name it', async () => {
  const place = await here();
  const [first, second] = [repository(place, 'first', strict), repository(place, 'second', any)];
  await made(place);
  for (const path of [first, second]) await place.client.call('POST /roots', { path });
  const refused = await promoted(place);
  expect(refused.status).toBe(403);
  expect(refused.text).toContain('tags (v1 has no tag dataset)');
  writeFileSync(join(second, 'plinth.yaml'), loose);
  const torn = await promoted(place);
  expect(torn.status).toBe(403);
  expect(torn.text).toContain('both have rules for iris; choose one with: plinth policy iris PATH');
  await place.client.call('POST /models/:model/policy', { model: 'iris', path: second });
  expect((await promoted(place)).status).toBe(200);
});

test('deleting a model and making it anew leads past no rule, and takes an admin where there are rules', async () => {
  const place = await here();
  const first = repository(place, 'first', strict);
  await made(place);
  await place.client.call('POST /roots', { path: first });
  await place.client.call('POST /models/:model/policy', { model: 'iris', path: first });
  const refused = await mlflow(place, 'DELETE', 'registered-models/delete', { name: 'iris' });
  expect(refused.status).toBe(403);
  expect(refused.text).toContain('iris has a policy');
  const headers = { authorization: `Bearer ${place.daemon.file.token}`, 'content-type': 'application/json' };
  const url = `http://127.0.0.1:${place.daemon.file.port}/api/2.0/mlflow/registered-models/delete`;
  const deleted = await fetch(url, { method: 'DELETE', headers, body: JSON.stringify({ name: 'iris' }) });
  expect(deleted.status).toBe(200);
  await made(place);
  await place.client.call('POST /roots/remove', { path: first });
  expect((await promoted(place)).text).toContain('tags (v1 has no tag dataset)');
  rmSync(join(first, 'plinth.yaml'));
  expect((await promoted(place)).text).toContain('plinth.yaml: it no longer exists');
});
