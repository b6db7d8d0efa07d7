import { expect, test } from 'vitest';
import { isPrompt } from '../../../daemon/protocol/prompt.ts';
import { plainTree } from '../../../extension/trees/tree-input.ts';
import { modelNodes } from '../../../extension/trees/rows/models.ts';
import { nothing } from '../../../extension/mirror/reducer.ts';
import { startMlflowService, type Mlflow } from './asked.ts';

const promptTag = { key: 'mlflow.prompt.is_prompt', value: 'true' };

/** Returns the request that MLflow's client sends for a new version of a prompt. */
function versionOf(name: string, text: string, more: object = {}): object {
  const tags = [promptTag, { key: 'mlflow.prompt.text', value: text }, { key: '_mlflow_prompt_type', value: 'text' }];
  return { name, source: 'prompt-template', tags, ...more };
}

async function prompt(service: Mlflow, name: string): Promise<void> {
  await service.ok('POST', 'registered-models/create', { name, tags: [promptTag] });
}

test('a prompt’s version owns its text, and is promoted, compared and verified like every version', async () => {
  const service = await startMlflowService();
  await prompt(service, 'greet');
  for (const text of ['Hello {{name}}', 'Dear {{name}}'])
    await service.ok('POST', 'model-versions/create', versionOf('greet', text, { description: 'words' }));
  await service.ok('POST', 'registered-models/alias', { name: 'greet', alias: 'live', version: '1' });
  const got = await service.ok('GET', 'registered-models/alias', { name: 'greet', alias: 'live' });
  expect(got['model_version']).toMatchObject({ source: 'prompt-template', description: 'words', version: '1' });
  const { version } = await service.client.call('GET /models/:model/versions/:version', {
    model: 'greet',
    version: '2',
  });
  expect(version).toMatchObject({ framework: 'prompt', format: 'text', files: 1, problems: [], primary: 'prompt.txt' });
  expect((await service.client.call('POST /verify', { model: 'greet' })).versions).toBe(2);
});

test('a prompt is found by who asks for prompts and by nobody else', async () => {
  const service = await startMlflowService();
  await prompt(service, 'greet');
  await service.ok('POST', 'model-versions/create', versionOf('greet', 'x'));
  const search = (filter: string): Promise<Record<string, unknown>> =>
    service.ok('GET', 'registered-models/search', { filter });
  expect(await search("tags.`mlflow.prompt.is_prompt` = 'true' AND name ILIKE 'GR%'")).toMatchObject({
    registered_models: [{ name: 'greet' }],
  });
  expect(await search('')).toEqual({});
  await service.ok('POST', 'registered-models/create', { name: 'churn' });
  for (const filter of ["= 'false'", "!= 'true'"])
    expect(await search(`tags.\`mlflow.prompt.is_prompt\` ${filter}`)).toMatchObject({
      registered_models: [{ name: 'churn' }],
    });
  expect(await service.ok('GET', 'model-versions/search', { filter: "name = 'greet'" })).toEqual({});
  expect(await service.refused('POST', 'registered-models/create', { name: 'greet' })).toMatch(
    /already taken by a prompt/,
  );
});

test('a text of 100,000 characters is kept; a refused first version leaves no empty prompt behind', async () => {
  const service = await startMlflowService();
  await prompt(service, 'long');
  const refused: object[] = [
    versionOf('long', 'x'.repeat(100_001)),
    versionOf('long', 'x', { source: '/etc/passwd' }),
    { name: 'long', source: 'prompt-template', tags: [promptTag] },
  ];
  for (const asked of refused) {
    expect(await service.refused('POST', 'model-versions/create', asked)).toMatch(/^400/);
    expect(await service.refused('GET', 'registered-models/get', { name: 'long' })).toMatch(/^404/);
    await prompt(service, 'long');
  }
  const text = 'ä'.repeat(100_000);
  await service.ok('POST', 'model-versions/create', versionOf('long', text));
  const made = await service.ok('GET', 'model-versions/get', { name: 'long', version: '1' });
  expect(JSON.stringify(made)).toContain(text);
  expect(await service.refused('POST', 'model-versions/create', refused[0])).toMatch(/^400/);
  await service.ok('GET', 'registered-models/get', { name: 'long' });
});

test('the text of a prompt’s version never changes; its other tags do', async () => {
  const service = await startMlflowService();
  await prompt(service, 'p');
  await service.ok('POST', 'model-versions/create', versionOf('p', 'x'));
  const tag = { name: 'p', version: '1', key: 'mlflow.prompt.text', value: 'y' };
  expect(await service.refused('POST', 'model-versions/set-tag', tag)).toMatch(/^400 .*never changes/);
  expect(await service.refused('DELETE', 'model-versions/delete-tag', tag)).toMatch(/^400 .*never changes/);
  await service.ok('POST', 'model-versions/set-tag', { ...tag, key: 'team' });
});

test('a prompt is listed as what it is', async () => {
  const service = await startMlflowService();
  await prompt(service, 'greet');
  await service.ok('POST', 'registered-models/create', { name: 'churn' });
  await service.ok('POST', 'model-versions/create', versionOf('greet', 'x'));
  const { items } = await service.client.call('GET /models', { limit: 10 });
  expect(items.map((model) => [model.name, isPrompt(model), model.current?.framework])).toEqual([
    ['greet', true, 'prompt'],
    ['churn', false, undefined],
  ]);
  const rows = modelNodes({ ...nothing, models: items }, { options: plainTree, seen: undefined, now: 0 });
  expect(rows.map(({ label, description, icon }) => [label, description?.split(' · ')[0], icon])).toEqual([
    ['greet', 'prompt', 'comment'],
    ['churn', expect.not.stringContaining('prompt'), 'package'],
  ]);
});
