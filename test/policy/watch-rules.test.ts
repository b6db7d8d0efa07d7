import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Artifact, Version } from '../../daemon/protocol/model.ts';
import { startService, samples, until, untilIdle, type TestService } from '../support/daemon.ts';

const weights = readFileSync(join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors'));

async function ruled(rules: string): Promise<TestService> {
  const service = await startService({ timing: { runQuietMs: 1500 } });
  writeFileSync(join(service.out, 'plinth.yaml'), rules);
  await service.client.call('POST /roots', { path: service.out });
  return service;
}

function save({ out }: TestService, path: string, salt: number): string {
  const bytes = Buffer.from(weights);
  bytes.writeUInt32LE(salt, bytes.length - 4);
  mkdirSync(dirname(join(out, path)), { recursive: true });
  writeFileSync(join(out, path), bytes);
  return join(out, path);
}

async function versions({ client }: TestService, model: string, count: number): Promise<Version[]> {
  return until(async () => {
    const { items } = await client.call('GET /models/:model/versions', { model }).catch(() => ({ items: [] }));
    return items.length >= count && items;
  }, `${count} versions of ${model}`);
}

async function artifact({ client }: TestService, path: string, state: Artifact['state']): Promise<Artifact> {
  return until(async () => {
    const { artifact: found } = await client.call('GET /why', { path });
    return found?.state === state && found;
  }, `${path} ${state}`);
}

test('a rule names the model and the run by the path, whatever the names are', async () => {
  const service = await ruled('watch:\n  - path: "{run}/of-{model}"\n');
  const path = save(service, 'monday/of-churn/weights.safetensors', 1);
  const [version] = await versions(service, 'churn', 1);
  expect((await artifact(service, path, 'registered')).run).toBe(join(service.out, 'monday'));
  expect(version?.source.run).toBe(join(service.out, 'monday'));
});

test('a rule gives the model a name of its own, with what stands in the path, and why says that it does', async () => {
  const service = await ruled(
    'watch:\n  - path: "{region}/weights"\n    model: "fraud-{region}"\n  - path: "**"\n    model: other\n',
  );
  const path = save(service, 'north/weights/churn.safetensors', 1);
  await versions(service, 'fraud-north', 1);
  save(service, 'south/churn.safetensors', 2);
  await versions(service, 'other', 1);
  const policy = join(service.out, 'plinth.yaml');
  const named = { by: 'policy', from: `${policy}, watch[0]` };
  expect(await service.client.call('GET /why', { path })).toMatchObject({ artifact: { model: 'fraud-north' }, named });
  expect(await service.client.call('GET /models/:model', { model: 'fraud-north' })).toMatchObject({ named });
});

test('every save of a run is a version where the rule says so', async () => {
  const service = await ruled('watch:\n  - path: "{model}/{run}"\n    register: every\n');
  for (const step of [1, 2, 3]) {
    save(service, `churn/r1/checkpoint-${step}.safetensors`, step);
    await versions(service, 'churn', step);
  }
});

test('what is left to a person is found, and registered by hand', async () => {
  const service = await ruled('watch:\n  - path: "{model}"\n    register: manual\n');
  const path = save(service, 'churn/model.safetensors', 1);
  expect((await artifact(service, path, 'found')).reason).toContain(`plinth register ${path}`);
  const { version } = await service.client.call('POST /register', { path });
  expect(version).toMatchObject({ model: 'churn', number: 1 });
});

test('the best of a run by the named metric becomes its version, in the direction that the file says', async () => {
  const rules =
    'watch:\n  - path: "{model}/{run}"\n    register: best\n    metric: val/odd\nmetrics:\n  val/odd: lower\n';
  const service = await ruled(rules);
  const folder = join(service.out, 'net', 'r1');
  mkdirSync(folder, { recursive: true });
  const head = (odd: string): Buffer => {
    const text = Buffer.from(
      JSON.stringify({ __metadata__: { 'val/odd': odd }, w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }),
    );
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, text, Buffer.alloc(4)]);
  };
  for (const [name, odd] of [
    ['a', '0.5'],
    ['b', '0.2'],
    ['c', '0.9'],
  ] as const)
    writeFileSync(join(folder, `${name}.safetensors`), head(odd));
  const [version] = await versions(service, 'net', 1);
  expect(version?.primary).toBe('b.safetensors');
  await untilIdle(service);
  expect(await versions(service, 'net', 1)).toHaveLength(1);
});

test('what a rule ignores is not taken and says which rule, and is taken when the rule goes', async () => {
  const service = await ruled('watch:\n  - path: "{model}"\n    ignore: [scratch/**, "*.tmp.safetensors"]\n');
  const path = save(service, 'churn/scratch/model.safetensors', 1);
  expect((await artifact(service, path, 'ignored')).reason).toBe('plinth.yaml ignores scratch/**');
  writeFileSync(join(service.out, 'plinth.yaml'), 'watch: []\n');
  await versions(service, 'churn', 1).catch(() => versions(service, 'scratch', 1));
});

test('a file with a mistake is not followed, and the folder says where the mistake is', async () => {
  const service = await ruled('watch:\n  - path: "{model}"\n    register: sometimes\n');
  save(service, 'churn/model.safetensors', 1);
  await versions(service, 'churn', 1);
  const { roots } = await service.client.call('GET /roots', {});
  expect(roots[0]?.detail).toContain('plinth.yaml:3:15: watch[0].register');
});

test('without a file one is proposed that names what was found, and holds when it is accepted', async () => {
  const service = await startService();
  await service.client.call('POST /roots', { path: service.out });
  mkdirSync(join(service.out, 'trainings', 'churn', 'run-1'), { recursive: true });
  const sample = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1');
  for (const name of ['model.joblib', 'metrics.json'])
    copyFileSync(join(sample, name), join(service.out, 'trainings', 'churn', 'run-1', name));
  await versions(service, 'churn', 1);
  const { exists, text, path } = await service.client.call('GET /policy', { path: service.out });
  expect([exists, path]).toEqual([false, join(service.out, 'plinth.yaml')]);
  expect(text).toContain('path: trainings/{model}/{run}');
  expect(text).toContain('log_loss: lower');
  writeFileSync(path, text);
  await until(async () => (await service.client.call('GET /policy', { path: service.out })).exists, 'the file');
  expect((await service.client.call('GET /policy', { path: service.out })).problems).toEqual([]);
});
