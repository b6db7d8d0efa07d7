import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { modelUri, uriReference } from '../../../daemon/shared/references.ts';
import {
  compareVersions,
  listModels,
  listVersions,
  readFiles,
  resolveVersion,
} from '../../../extension/api/read-registry.ts';
import { startService, threeVersions } from '../../support/daemon.ts';

const top = join(import.meta.dirname, '..', '..', '..');

test('another extension reads models, versions, files and comparisons, and every form of a reference leads to one version', async () => {
  const { client } = await startService();
  await threeVersions(client);
  for (const place of [{ stage: 'production' }, { alias: 'champion' }])
    await client.call('POST /models/:model/versions/:version/promote', { model: 'iris', version: '2', ...place });
  expect(await listModels(client)).toMatchObject([
    {
      name: 'iris',
      versions: 3,
      latest: 3,
      stages: [{ name: 'production', version: 2 }],
      aliases: [{ name: 'champion', version: 2 }],
    },
  ]);
  expect((await listVersions(client, 'iris')).map(({ reference }) => reference)).toEqual([
    'iris@3',
    'iris@2',
    'iris@1',
  ]);
  const forms = ['iris@2', 'iris@production', 'iris@champion', 'models:/iris/2', 'models:/iris@champion'];
  for (const form of forms) expect(await resolveVersion(client, form)).toMatchObject({ number: 2, isIntact: true });
  expect(await resolveVersion(client, 'iris')).toMatchObject({ number: 3, uri: 'models:/iris/3' });
  await expect(resolveVersion(client, 'iris@9')).rejects.toThrow(/^\w.* no version 9.*\.$/);
  const files = await readFiles(client, 'iris@2', async () => Promise.resolve('/placed'));
  expect(files).toMatchObject({ path: '/placed', isFolder: false, files: [{ path: 'model.joblib' }] });
  const compared = await compareVersions(client, ['iris', 'models:/iris/1']);
  expect(compared.versions).toEqual(['iris@3', 'iris@1']);
  expect(compared.summaries).toEqual([expect.stringMatching(/^iris@1 is better on 0 of 2 metrics/)]);
  expect(compared.metrics.find(({ name }) => name === 'log_loss')?.better).toEqual([null, false]);
});

test('a URI that was made for a model with any name is read as that model', () => {
  for (const model of ['churn', 'a@b', 'team/churn', 'ü "x"'])
    for (const [at, version] of [
      [7, '7'],
      [{ kind: 'alias', name: 'champion' }, 'champion'],
      [{ kind: 'stage', name: 'production' }, 'production'],
    ] as const)
      expect(uriReference(modelUri(model, at))).toEqual({ model, version });
  expect(uriReference('models:/churn')).toEqual({ model: 'churn', version: undefined });
  expect(['churn@7', 'models:', 'models://churn/7'].map(uriReference)).toEqual([undefined, undefined, undefined]);
});

test('the page about the API names every member of it, and no call that changes something', () => {
  const types = readFileSync(join(top, 'extension', 'api', 'plinth.d.ts'), 'utf8');
  const page = readFileSync(join(top, 'docs', 'extension-api.md'), 'utf8');
  const body = /export interface PlinthApi \{(.*?)\n\}/s.exec(types)?.[1] ?? '';
  const members = [...body.matchAll(/^ {2}(?:readonly )?(\w+)[(:]/gm)].map((match) => String(match[1]));
  expect(members.length).toBeGreaterThan(7);
  expect(members.filter((member) => !page.includes(`\`${member}`))).toEqual([]);
  expect(members.filter((member) => /promote|roll|delete|tag|register|set/i.test(member))).toEqual([]);
});
