import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RegistryError } from '../../daemon/errors.ts';
import { copySample, startService, type TestService } from '../support/daemon.ts';

const gates = `models:
  - match: iris
    stages: [development, qa, production, archived]
    gates:
      production:
        - { gate: metric, metric: accuracy, at_least: 0.99 }
        - { gate: tags, keys: [dataset] }
        - { gate: pickle, allow: [known imports only] }
      qa: []
      '@champion':
        - { gate: no_regression, metric: log_loss }
`;

/** Registers three versions by hand below a folder with a plinth.yaml. */
async function ruled(text: string, service?: TestService): Promise<TestService & { file: string }> {
  const at = service ?? (await startService());
  const file = join(at.out, 'plinth.yaml');
  mkdirSync(join(at.out, '.git'));
  writeFileSync(file, text);
  for (const run of ['v1', 'v2', 'v3']) {
    mkdirSync(join(at.out, run), { recursive: true });
    const path = copySample(`sklearn/iris-script/outputs/${run}/model.joblib`, join(at.out, run, 'model.joblib'));
    await at.client.call('POST /register', { path, model: 'iris' });
    await at.client.call('POST /models/:model/versions/:version/attach', {
      model: 'iris',
      version: 'latest',
      path: copySample(`sklearn/iris-script/outputs/${run}/metrics.json`, join(at.out, run, 'metrics.json')),
    });
  }
  return { ...at, file };
}

async function refusal(act: Promise<unknown>): Promise<RegistryError> {
  const error: unknown = await act.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RegistryError)) throw new Error('it was not refused');
  return error;
}

const one = { model: 'iris', version: '1' };

async function mlflow({ daemon }: TestService, path: string, body: object): Promise<{ status: number; text: string }> {
  const { port, token } = daemon.file;
  const response = await fetch(`http://127.0.0.1:${port}/api/2.0/mlflow/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

test('a refusal names every gate that failed, and moves nothing', async () => {
  const service = await ruled(gates);
  const report = await service.client.call('GET /models/:model/versions/:version/gates', {
    ...one,
    stage: 'production',
  });
  expect(report.allowed).toBe(false);
  expect(report.gates.map(({ gate, outcome }) => `${gate}: ${outcome}`)).toEqual([
    'metric accuracy: failed',
    'tags: failed',
    'pickle: passed',
  ]);
  const refused = await refusal(
    service.client.call('POST /models/:model/versions/:version/promote', { ...one, stage: 'production' }),
  );
  expect(refused.code).toBe('gate-failed');
  expect(refused.message).toContain('metric accuracy');
  expect(refused.message).toContain('tags');
  expect(JSON.stringify(refused.details['verdict'])).toBe(JSON.stringify(report));
  const { pointers } = await service.client.call('GET /models/:model', { model: 'iris' });
  expect(pointers).toEqual([]);
});

test("MLflow's clients get 403 with the same names", async () => {
  const service = await ruled(gates);
  const staged = await mlflow(service, 'model-versions/transition-stage', {
    name: 'iris',
    version: '1',
    stage: 'Production',
    archive_existing_versions: true,
  });
  expect(staged.status).toBe(403);
  expect(JSON.parse(staged.text)).toMatchObject({ error_code: 'PERMISSION_DENIED' });
  expect(staged.text).toContain('metric accuracy');
  const alias = (version: string): Promise<{ status: number; text: string }> =>
    mlflow(service, 'registered-models/alias', { name: 'iris', alias: 'champion', version });
  expect((await alias('3')).status).toBe(200);
  const worse = await alias('1');
  expect(worse.status).toBe(403);
  expect(worse.text).toContain('no_regression log_loss');
});

test('what passes is promoted with its gates, and the model is bound to the file', async () => {
  const service = await ruled(gates.replace('0.99', '0.9'));
  await service.client.call('POST /models/:model/versions/:version/tag', { ...one, key: 'dataset', value: 'iris' });
  const receipt = await service.client.call('POST /models/:model/versions/:version/promote', {
    ...one,
    stage: 'production',
  });
  expect(receipt.gates.map(({ gate }) => gate)).toEqual(['bytes', 'metric accuracy', 'tags', 'pickle']);
  expect(receipt.policy).toMatch(/^sha256:/);
  rmSync(service.file);
  const refused = await refusal(
    service.client.call('POST /models/:model/versions/:version/promote', {
      model: 'iris',
      version: '2',
      stage: 'production',
    }),
  );
  expect(refused.message).toContain('plinth.yaml: it no longer exists');
});

test('a broken file refuses promotion with the place of its mistake, while all else works', async () => {
  const service = await ruled(gates);
  await service.client.call('POST /models/:model/versions/:version/promote', { ...one, stage: 'qa' });
  await service.client.call('POST /models/:model/versions/:version/promote', { ...one, version: '2', stage: 'qa' });
  writeFileSync(service.file, gates.replace('at_least', 'atleast'));
  const refused = await refusal(
    service.client.call('POST /models/:model/versions/:version/promote', {
      ...one,
      stage: 'production',
      bypass: true,
      reason: 'now',
    }),
  );
  expect(refused.message).toMatch(/plinth\.yaml:6:\d+: models\[0\]\.gates\.production\[0\] has no key "atleast"/);
  const back = await service.client.call('POST /models/:model/rollback', { model: 'iris', stage: 'qa' });
  expect(back.to).toBe(1);
  await service.client.call('POST /models/:model/versions/:version/archive', { ...one, version: '3' });
});

test('a bypass needs a reason and stays marked', async () => {
  const service = await ruled(gates);
  const move = { ...one, stage: 'production', bypass: true };
  expect((await refusal(service.client.call('POST /models/:model/versions/:version/promote', move))).code).toBe(
    'invalid-request',
  );
  const receipt = await service.client.call('POST /models/:model/versions/:version/promote', {
    ...move,
    reason: 'outage',
  });
  expect(receipt).toMatchObject({ bypassed: true, reason: 'outage' });
  const { items } = await service.client.call('GET /models/:model/history', { model: 'iris' });
  expect(items.find(({ type }) => type === 'pointer.moved/1')?.body).toMatchObject({ bypassed: true });
});

test('going back to what held the pointer weighs no gate, going to what never did weighs them all', async () => {
  const service = await ruled(gates.replace('0.99', '0.1').replace('- { gate: tags, keys: [dataset] }', ''));
  for (const version of ['1', '2']) {
    await service.client.call('POST /models/:model/versions/:version/promote', {
      ...one,
      version,
      stage: 'production',
    });
  }
  writeFileSync(service.file, gates);
  const jump = refusal(
    service.client.call('POST /models/:model/rollback', { model: 'iris', stage: 'production', to: '3' }),
  );
  expect((await jump).code).toBe('gate-failed');
  const receipt = await service.client.call('POST /models/:model/rollback', { model: 'iris', stage: 'production' });
  expect(receipt.to).toBe(1);
  expect(receipt.gates.map(({ gate, outcome }) => `${gate} ${outcome}`)).toEqual(['bytes passed', 'policy skipped']);
});

test('a file that git does not have as it stands is marked in the receipt', async () => {
  const service = await ruled('models: [{ match: "*", gates: { "*": [] } }]\n');
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-C', service.out, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args]);
  git('init', '-q');
  git('add', 'plinth.yaml');
  git('commit', '-qm', 'rules');
  const promote = (version: string): Promise<{ committed?: boolean }> =>
    service.client.call('POST /models/:model/versions/:version/promote', { ...one, version, stage: 'staging' });
  expect((await promote('1')).committed).toBe(true);
  writeFileSync(service.file, 'models: [{ match: "*" }]\n');
  expect((await promote('2')).committed).toBe(false);
});

test('a whole history is weighed at once', async () => {
  const service = await ruled(
    gates
      .replace('accuracy, at_least: 0.99', 'log_loss, at_most: 0.15')
      .replace('- { gate: tags, keys: [dataset] }', ''),
  );
  const history = await service.client.call('GET /models/:model/gates', { model: 'iris', stage: 'production' });
  expect(history.versions.map(({ number }) => number)).toEqual([3, 2, 1]);
  expect(history.versions.map(({ allowed }) => allowed)).toEqual([true, true, false]);
  expect(history.policy?.path).toBe(service.file);
});
