import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileTypesOf, isModelLike, loadRank, stemOf } from '../../../daemon/ingest/artifact/file-types.ts';
import { artifactsOf } from '../../../daemon/ingest/artifact/files.ts';
import { nameByPlace } from '../../../daemon/ingest/artifact/naming.ts';
import type { Recogniser } from '../../../daemon/ingest/artifact/recogniser.ts';
import { recognisers } from '../../../daemon/ingest/artifact/recognisers.ts';
import { diskView } from '../../../daemon/ingest/disk/folder-cache.ts';
import { listFolder } from '../../../daemon/ingest/disk/list-folder.ts';
import { samples, temporary, until, startWatchingService } from '../../support/daemon.ts';

const all = recognisers.flatMap(({ name, endings }) => endings.map((ending) => ({ name, ...ending })));
const declared = all.filter(({ mayBeModel, byContent }) => byContent !== true || mayBeModel !== undefined);
const cased = (text: string): fc.Arbitrary<string> =>
  fc.array(fc.boolean(), { minLength: text.length, maxLength: text.length }).map((upper) =>
    text
      .split('')
      .map((letter, at) => (upper[at] === true ? letter.toUpperCase() : letter))
      .join(''),
  );

function put(path: string, bytes: Buffer | string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

test.each(declared)('$name takes names in $ending in any case, and every list that is derived knows them', (one) => {
  const root = temporary();
  fc.assert(
    fc.property(cased(`model${one.ending}`), (file) => {
      const folder = join(root, `as-${Buffer.from(file).toString('hex')}`);
      put(join(folder, file), '');
      const listing = listFolder(folder);
      const artifacts = listing ? artifactsOf(diskView(), root, listing) : [];
      expect(artifacts.map(({ group }) => group.primary)).toEqual([file]);
      expect(recognisers.find(({ name }) => name === one.name)?.findGroups(listing!).length).toBe(1);
      expect(isModelLike(file, 'run')).toBe(true);
      expect(stemOf(join(folder, file)).toLowerCase()).toBe('model');
      expect(loadRank(file)).toBeLessThan(Number.MAX_SAFE_INTEGER);
    }),
    { numRuns: 4 },
  );
  const artifact = { folder: '/w/zoo', primary: `churn_v2${one.ending.toUpperCase()}`, wholeFolder: false };
  expect(nameByPlace({ top: '/w', name: 'w' }, artifact).model).toBe('churn');
});

test('an ending that two formats declare has one rank', () => {
  const ranks = Map.groupBy(declared, ({ ending }) => ending);
  const several = [...ranks].filter(([, all]) => new Set(all.map(({ loadRank: rank }) => rank)).size > 1);
  expect(several).toEqual([]);
});

test('endings are written in lower case, with their dot', () => {
  expect(declared.filter(({ ending }) => !/^(\.[a-z0-9]+){1,2}$/.test(ending))).toEqual([]);
});

test('a format that is declared in one place is in every list', () => {
  const fake: Recogniser = {
    name: 'fake',
    endings: [{ ending: '.fake', loadRank: 0 }],
    findGroups: () => [],
    inspect: () => ({ state: 'foreign', reason: 'No model.' }),
  };
  const before = fileTypesOf(recognisers);
  expect([before.stemOf('a.fake'), before.isModelLike('a.fake', '')]).toEqual(['a.fake', false]);
  const after = fileTypesOf([...recognisers, fake]);
  expect([after.stemOf('a.FAKE'), after.isModelLike('a.FAKE', ''), after.loadRank('a.FAKE')]).toEqual(['a', true, 0]);
  expect(after.endings.map(({ ending }) => ending)).toContain('.fake');
});

test('names that other programs use too are like models only where they speak of one', () => {
  const names = ['requirements.txt', 'config.json', 'metrics.json', 'x_train.npy', 'optimizer.bin', 'notes.md'];
  expect(names.filter((name) => isModelLike(name, 'run'))).toEqual([]);
  const models = [
    'model.txt',
    'model.json',
    'model_weights.npy',
    'pytorch_model.bin',
    'a.lgb',
    'a.lgbm',
    'a.tflite',
    'a.xgb',
  ];
  expect(models.filter((name) => !isModelLike(name, 'run'))).toEqual([]);
});

const xgboost = join(samples, 'xgboost', 'breast-cancer', 'run-001');
const lightgbm = join(samples, 'lightgbm', 'breast-cancer', 'run-001');
/** The same model twice: in two formats, or as LightGBM writes it whatever the file is called. */
const pairs: [string, string, string, string][] = [
  ['model.json', 'model.xgb', join(xgboost, 'model.json'), join(xgboost, 'model.ubj')],
  ['MODEL.JSON', 'MODEL.XGB', join(xgboost, 'model.json'), join(xgboost, 'model.ubj')],
  ['model.lgb', 'model.txt', join(lightgbm, 'model.txt'), join(lightgbm, 'model.txt')],
];

test.each(pairs)('%s and %s of one model, saved together, are one version', async (first, second, one, other) => {
  const service = await startWatchingService();
  const paths = [put(join(service.out, 'churn', first), readFileSync(one)), join(service.out, 'churn', second)];
  // LightGBM ignores a blank line at the end, so this is the same model in different bytes.
  const bytes = readFileSync(other);
  put(paths[1]!, one === other ? Buffer.concat([bytes, Buffer.from('\n')]) : bytes);
  const states = await until(async () => {
    const known = await Promise.all(paths.map((path) => service.client.call('GET /why', { path })));
    const found = known.map(({ artifact }) => artifact?.state);
    return found.every((state) => state === 'registered' || state === 'duplicate') && found;
  }, 'both files decided upon');
  expect(states.toSorted()).toEqual(['duplicate', 'registered']);
  const { items } = await service.client.call('GET /models', {});
  expect(items.map(({ name }) => name)).toEqual(['churn']);
  const versions = await service.client.call('GET /models/:model/versions', { model: 'churn' });
  expect(versions.items.map(({ number }) => number)).toEqual([1]);
});

test.each(['model.txt', 'churn.lgb', 'churn.LGBM', 'churn.tflite', 'churn.xgb'])(
  'a link called %s is told of as ignored, with the reason',
  async (name) => {
    const service = await startWatchingService();
    const target = put(join(service.folder, 'elsewhere.bin'), 'x');
    mkdirSync(join(service.out, 'zoo'), { recursive: true });
    const path = join(service.out, 'zoo', name);
    symlinkSync(target, path);
    const told = await until(async () => {
      const known = await service.client.call('GET /why', { path });
      return known.artifact?.state === 'ignored' && known.artifact;
    }, 'the link ignored');
    expect(told.reason).toMatch(/link/);
  },
);
