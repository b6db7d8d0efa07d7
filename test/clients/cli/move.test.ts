import { expect, test } from 'vitest';
import { commandLine, irisOutputs } from './plinth.ts';

const { folder, json, out } = commandLine();
irisOutputs(folder);

test('all versions of a model move in their order; those that a stage points to stay, and old numbers lead to the new ones', async () => {
  for (const version of ['v1', 'v2', 'v3'])
    await json('register', `outputs/${version}/model.joblib`, '--model', 'iris-old');
  await json('promote', 'iris-old@2', 'staging');
  expect(await json('move', '--all', 'iris-old', 'iris')).toMatchObject({
    moved: [
      { from: 'iris-old@1', to: 'iris@1' },
      { from: 'iris-old@3', to: 'iris@2' },
    ],
    stayed: [{ version: 'iris-old@2' }],
  });
  expect(await out('show', 'iris-old@3')).toContain('iris@2');
  expect(await out('move', '--all', 'iris-old', 'iris')).toMatch(/^iris-old@2 stays: .*staging/);
});
