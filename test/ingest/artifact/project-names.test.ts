import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Artifact } from '../../../daemon/protocol/model.ts';
import { here, samples, until, type Here } from '../../support/daemon.ts';

const runs = ['v1', 'v2', 'v3'].map((run) => join(samples, 'sklearn', 'iris-script', 'outputs', run, 'model.joblib'));

/** Saves one of three different models to a file. */
function save(path: string, which: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.part`, readFileSync(runs[which]!));
  renameSync(`${path}.part`, path);
}

async function watch({ client }: Here, ...folders: string[]): Promise<void> {
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true });
    await client.call('POST /roots', { path: folder });
  }
}

/** Returns the artifact of a file once it is registered or recognised as a known version. */
async function registered({ client }: Here, path: string, version?: string): Promise<Artifact> {
  return until(async () => {
    const { artifact } = await client.call('GET /why', { path });
    const label = `${artifact?.model}@${artifact?.version}`;
    return typeof artifact?.version === 'number' && (version === undefined || label === version) && artifact;
  }, `the version of ${path}`);
}

async function labelOf(place: Here, path: string): Promise<string> {
  const { model, version } = await registered(place, path);
  return `${model}@${version}`;
}

test('a same name of two projects is two models; the second is qualified, and told to be', async () => {
  const place = await here();
  const [a, b] = ['shop-a', 'shop-b'].map((name) => join(place.folder, name, 'outputs'));
  await watch(place, a!, b!);
  save(join(a!, 'logreg.joblib'), 0);
  expect(await labelOf(place, join(a!, 'logreg.joblib'))).toBe('logreg@1');
  save(join(b!, 'logreg.joblib'), 1);
  const second = await registered(place, join(b!, 'logreg.joblib'));
  expect([second.model, second.version, second.reason]).toEqual([
    'shop-b-logreg',
    1,
    "registered as shop-b-logreg@1, as logreg is another project's model",
  ]);
  save(join(b!, 'logreg_v2.joblib'), 2);
  expect(await labelOf(place, join(b!, 'logreg_v2.joblib'))).toBe('shop-b-logreg@2');
});

test('equal bytes in another project are a version of that one, too', async () => {
  const place = await here();
  const [a, b] = ['shop-a', 'shop-b'].map((name) => join(place.folder, name));
  await watch(place, a!, b!);
  save(join(a!, 'logreg.joblib'), 0);
  expect(await labelOf(place, join(a!, 'logreg.joblib'))).toBe('logreg@1');
  save(join(b!, 'logreg.joblib'), 0);
  expect(await labelOf(place, join(b!, 'logreg.joblib'))).toBe('shop-b-logreg@1');
});

test('two clones of one repository feed one model', async () => {
  const place = await here();
  const clones = ['first', 'second'].map((name) => join(place.folder, name));
  for (const clone of clones) {
    mkdirSync(join(clone, '.git'), { recursive: true });
    writeFileSync(join(clone, '.git', 'config'), '[remote "origin"]\n\turl = git@github.com:ana/shop.git\n');
  }
  await watch(place, ...clones);
  for (const [at, clone] of clones.entries()) {
    save(join(clone, 'models', 'model.joblib'), at);
    expect(await labelOf(place, join(clone, 'models', 'model.joblib'))).toBe(`shop@${at + 1}`);
  }
});

test('a family keeps the name it was given, whatever it is called by now, and a new neighbour renames nothing', async () => {
  const place = await here();
  const models = join(place.folder, 'shop', 'models');
  await watch(place, models);
  save(join(models, 'churn_20260101.joblib'), 0);
  expect(await labelOf(place, join(models, 'churn_20260101.joblib'))).toBe('churn@1');
  await place.client.call('POST /models/:model/rename', { model: 'churn', name: 'leaving' });
  save(join(models, 'rent.joblib'), 1);
  expect(await labelOf(place, join(models, 'rent.joblib'))).toBe('rent@1');
  save(join(models, 'churn_20260102.joblib'), 1);
  save(join(models, 'churn (1).joblib'), 2);
  const labels = [
    await labelOf(place, join(models, 'churn_20260102.joblib')),
    await labelOf(place, join(models, 'churn (1).joblib')),
  ];
  expect(labels.toSorted()).toEqual(['leaving@2', 'leaving@3']);
});

test('what a person called a file goes on being called so, with further savings beside it', async () => {
  const place = await here();
  const shop = join(place.folder, 'shop');
  await watch(place, shop);
  const path = join(shop, 'models', 'clf.joblib');
  save(path, 0);
  expect(await labelOf(place, path)).toBe('clf@1');
  await place.client.call('POST /register', { path, model: 'fraud', again: true });
  save(path, 1);
  expect((await registered(place, path, 'fraud@2')).model).toBe('fraud');
  const dated = join(shop, 'models', 'clf_20260102.joblib');
  save(dated, 2);
  expect(await labelOf(place, dated)).toBe('fraud@3');
});

test('a model that no watched folder ever fed is fed by the first that has a file of its name', async () => {
  const place = await here();
  const source = join(place.folder, 'elsewhere', 'churn.joblib');
  mkdirSync(dirname(source), { recursive: true });
  cpSync(runs[0]!, source);
  await place.client.call('POST /register', { path: source, model: 'churn' });
  const shop = join(place.folder, 'shop');
  await watch(place, shop);
  save(join(shop, 'churn.joblib'), 1);
  expect(await labelOf(place, join(shop, 'churn.joblib'))).toBe('churn@2');
});
