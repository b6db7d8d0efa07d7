import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Artifact } from '../../../daemon/protocol/model.ts';
import { startService, samples, until, type TestService } from '../../support/daemon.ts';

const runs = ['v1', 'v2', 'v3'].map((run) => join(samples, 'sklearn', 'iris-script', 'outputs', run, 'model.joblib'));

/** Saves one of three different models to a file. */
function save(path: string, which: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.part`, readFileSync(runs[which]!));
  renameSync(`${path}.part`, path);
}

async function watch({ client }: TestService, ...folders: string[]): Promise<void> {
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true });
    await client.call('POST /roots', { path: folder });
  }
}

/** Returns the artifact of a file once it is registered or recognised as a known version. */
async function registered({ client }: TestService, path: string, version?: string): Promise<Artifact> {
  return until(async () => {
    const { artifact } = await client.call('GET /why', { path });
    const label = `${artifact?.model}@${artifact?.version}`;
    return typeof artifact?.version === 'number' && (version === undefined || label === version) && artifact;
  }, `the version of ${path}`);
}

async function labelOf(service: TestService, path: string): Promise<string> {
  const { model, version } = await registered(service, path);
  return `${model}@${version}`;
}

test('a same name of two projects is two models; the second is qualified, and told to be', async () => {
  const service = await startService();
  const [a, b] = ['shop-a', 'shop-b'].map((name) => join(service.folder, name, 'outputs'));
  await watch(service, a!, b!);
  save(join(a!, 'logreg.joblib'), 0);
  expect(await labelOf(service, join(a!, 'logreg.joblib'))).toBe('logreg@1');
  save(join(b!, 'logreg.joblib'), 1);
  const second = await registered(service, join(b!, 'logreg.joblib'));
  expect([second.model, second.version, second.reason]).toEqual([
    'shop-b-logreg',
    1,
    "registered as shop-b-logreg@1, as logreg is another project's model",
  ]);
  save(join(b!, 'logreg_v2.joblib'), 2);
  expect(await labelOf(service, join(b!, 'logreg_v2.joblib'))).toBe('shop-b-logreg@2');
});

test('equal bytes in another project are a version of that one, too', async () => {
  const service = await startService();
  const [a, b] = ['shop-a', 'shop-b'].map((name) => join(service.folder, name));
  await watch(service, a!, b!);
  save(join(a!, 'logreg.joblib'), 0);
  expect(await labelOf(service, join(a!, 'logreg.joblib'))).toBe('logreg@1');
  save(join(b!, 'logreg.joblib'), 0);
  expect(await labelOf(service, join(b!, 'logreg.joblib'))).toBe('shop-b-logreg@1');
});

test('two clones of one repository feed one model', async () => {
  const service = await startService();
  const clones = ['first', 'second'].map((name) => join(service.folder, name));
  for (const clone of clones) {
    mkdirSync(join(clone, '.git'), { recursive: true });
    writeFileSync(join(clone, '.git', 'config'), '[remote "origin"]\n\turl = git@github.com:ana/shop.git\n');
  }
  await watch(service, ...clones);
  for (const [at, clone] of clones.entries()) {
    save(join(clone, 'models', 'model.joblib'), at);
    expect(await labelOf(service, join(clone, 'models', 'model.joblib'))).toBe(`shop@${at + 1}`);
  }
});

test('a family keeps the name it was given, whatever it is called by now, and a new neighbour renames nothing', async () => {
  const service = await startService();
  const models = join(service.folder, 'shop', 'models');
  await watch(service, models);
  save(join(models, 'churn_20260101.joblib'), 0);
  expect(await labelOf(service, join(models, 'churn_20260101.joblib'))).toBe('churn@1');
  await service.client.call('POST /models/:model/rename', { model: 'churn', name: 'leaving' });
  save(join(models, 'rent.joblib'), 1);
  expect(await labelOf(service, join(models, 'rent.joblib'))).toBe('rent@1');
  save(join(models, 'churn_20260102.joblib'), 1);
  save(join(models, 'churn (1).joblib'), 2);
  const labels = [
    await labelOf(service, join(models, 'churn_20260102.joblib')),
    await labelOf(service, join(models, 'churn (1).joblib')),
  ];
  expect(labels.toSorted()).toEqual(['leaving@2', 'leaving@3']);
});

test('what a person called a file goes on being called so, with further savings beside it', async () => {
  const service = await startService();
  const shop = join(service.folder, 'shop');
  await watch(service, shop);
  const path = join(shop, 'models', 'clf.joblib');
  save(path, 0);
  expect(await labelOf(service, path)).toBe('clf@1');
  await service.client.call('POST /register', { path, model: 'fraud', again: true });
  save(path, 1);
  expect((await registered(service, path, 'fraud@2')).model).toBe('fraud');
  const dated = join(shop, 'models', 'clf_20260102.joblib');
  save(dated, 2);
  expect(await labelOf(service, dated)).toBe('fraud@3');
});

test('a model that no watched folder ever fed is fed by the first that has a file of its name', async () => {
  const service = await startService();
  const source = join(service.folder, 'elsewhere', 'churn.joblib');
  mkdirSync(dirname(source), { recursive: true });
  cpSync(runs[0]!, source);
  await service.client.call('POST /register', { path: source, model: 'churn' });
  const shop = join(service.folder, 'shop');
  await watch(service, shop);
  save(join(shop, 'churn.joblib'), 1);
  expect(await labelOf(service, join(shop, 'churn.joblib'))).toBe('churn@2');
});
