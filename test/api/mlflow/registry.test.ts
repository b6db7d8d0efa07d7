import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Receipt } from '../../../daemon/protocol/routes/pointers.ts';
import { startMlflowService, type Mlflow } from './asked.ts';

const s3 = 's3://bucket/model';

async function version(service: Mlflow, name: string, fields: object = {}): Promise<Record<string, unknown>> {
  return (await service.ok('POST', 'model-versions/create', { name, source: s3, ...fields }))['model_version'] as never;
}

async function model(service: Mlflow, name: string, versions = 0): Promise<void> {
  await service.ok('POST', 'registered-models/create', { name });
  for (let n = 0; n < versions; n += 1) await version(service, name);
}

test('a registered model is made, described, tagged, renamed and deleted; its name is free then, its numbers begin anew', async () => {
  const service = await startMlflowService();
  const tags = [
    { key: 'a', value: '1' },
    { key: 'a', value: '2' },
  ];
  const { registered_model: made } = await service.ok('POST', 'registered-models/create', { name: 'a b', tags });
  expect(made).toMatchObject({ name: 'a b', tags: [{ key: 'a', value: '2' }] });
  expect(made).not.toHaveProperty('description');
  expect(await service.refused('POST', 'registered-models/create', { name: 'a b' })).toBe(
    '400 RESOURCE_ALREADY_EXISTS: Registered Model (name=a b) already exists.',
  );
  await version(service, 'a b');
  await service.ok('PATCH', 'registered-models/update', { name: 'a b', description: 'words' });
  await service.ok('POST', 'registered-models/set-tag', { name: 'a b', key: 'k', value: '' });
  await service.ok('DELETE', 'registered-models/delete-tag', { name: 'a b', key: 'a' });
  for (const key of ['absent', 'constructor'])
    await service.ok('DELETE', 'registered-models/delete-tag', { name: 'a b', key });
  await service.ok('POST', 'registered-models/rename', { name: 'a b', new_name: 'c' });
  expect(await service.ok('GET', 'registered-models/get', { name: 'c' })).toMatchObject({
    registered_model: { description: 'words', tags: [{ key: 'k', value: '' }], latest_versions: [{ version: '1' }] },
  });
  expect(await service.refused('GET', 'registered-models/get', { name: 'a b' })).toBe(
    '404 RESOURCE_DOES_NOT_EXIST: Registered Model with name=a b not found',
  );
  await service.ok('DELETE', 'registered-models/delete', { name: 'c' });
  expect(await service.refused('DELETE', 'registered-models/delete', { name: 'c' })).toMatch(/^404/);
  expect((await service.client.call('GET /models', {})).items).toEqual([]);
  await model(service, 'c');
  expect(await version(service, 'c')).toMatchObject({ version: '1' });
  for (const name of ['a/b', 'a:b', '.', '..'])
    expect(await service.refused('POST', 'registered-models/create', { name })).toMatch(/^400 INVALID_PARAMETER_VALUE/);
  expect(await service.refused('POST', 'registered-models/create', { name: '' })).toBe(
    "400 INVALID_PARAMETER_VALUE: Missing value for required parameter 'name'.",
  );
  expect(await service.refused('POST', 'registered-models/create', { name: 31 })).toBe(
    "400 INVALID_PARAMETER_VALUE: Invalid value 31 for parameter 'name' supplied.",
  );
});

test('a deleted model comes back with its versions by one undo, while its name is free', async () => {
  const service = await startMlflowService();
  await model(service, 'm', 2);
  await service.ok('DELETE', 'model-versions/delete', { name: 'm', version: '1' });
  await service.ok('DELETE', 'registered-models/delete', { name: 'm' });
  const { items } = await service.client.call('GET /log', { limit: 1 });
  await model(service, 'm');
  const undo = (): Promise<unknown> => service.client.call('POST /undo', { seq: items[0]?.seq ?? 0 });
  await expect(undo()).rejects.toThrow(/There is now another model named m/);
  await service.ok('POST', 'registered-models/rename', { name: 'm', new_name: 'other' });
  await undo();
  const found = await service.ok('GET', 'model-versions/search', { filter: "name = 'm'" });
  expect(found).toMatchObject({ model_versions: [{ version: '2', source: s3 }] });
  await expect(undo()).rejects.toThrow();
  expect(await version(service, 'm')).toMatchObject({ version: '3' });
});

test('versions count up, never reuse a number, and are told as clients read them', async () => {
  const service = await startMlflowService();
  await model(service, 'm', 3);
  const tags = [{ key: 'k', value: 'v' }];
  await service.ok('DELETE', 'model-versions/delete', { name: 'm', version: '3' });
  const made = await version(service, 'm', { tags, description: 'd', run_link: 'http://x', run_id: 'r' });
  expect(made).toMatchObject({
    name: 'm', version: '4', current_stage: 'None', source: s3, run_id: 'r', run_link: 'http://x', status: 'READY',
    description: 'd', tags,
  }); // prettier-ignore
  expect(await service.ok('GET', 'model-versions/get-download-uri', { name: 'm', version: '4' })).toEqual({
    artifact_uri: s3,
  });
  await service.ok('PATCH', 'model-versions/update', { name: 'm', version: '4', description: 'e' });
  await service.ok('POST', 'model-versions/set-tag', { name: 'm', version: '4', key: 'x', value: 'y' });
  for (const key of ['k', 'k', 'constructor'])
    await service.ok('DELETE', 'model-versions/delete-tag', { name: 'm', version: '4', key });
  expect(await service.ok('GET', 'model-versions/get', { name: 'm', version: '4' })).toMatchObject({
    model_version: { description: 'e', tags: [{ key: 'x', value: 'y' }] },
  });
  expect(await service.refused('GET', 'model-versions/get', { name: 'm', version: '3' })).toBe(
    '404 RESOURCE_DOES_NOT_EXIST: Model Version (name=m, version=3) not found',
  );
  expect(await service.refused('GET', 'model-versions/get', { name: 'm', version: 'x' })).toBe(
    "400 INVALID_PARAMETER_VALUE: Parameter 'version' must be an integer, got 'x'.",
  );
  expect(await service.refused('PATCH', 'model-versions/update', { name: 'm', version: 1 })).toBe(
    "400 INVALID_PARAMETER_VALUE: Invalid value 1 for parameter 'version' supplied.",
  );
  expect(await service.refused('POST', 'model-versions/create', { name: 'none', source: s3 })).toMatch(/^404/);
});

test('a version whose source lies elsewhere is kept and marked as external; a stage takes it only where the rules say so', async () => {
  const service = await startMlflowService();
  await model(service, 'm', 1);
  const { version: kept, files } = await service.client.call('GET /models/:model/versions/:version', {
    model: 'm',
    version: '1',
  });
  expect([kept.files, files, kept.source.path]).toEqual([0, [], s3]);
  expect(kept.problems).toMatchObject([{ code: 'no-bytes' }]);
  const told = `Plinth does not store these bytes; they are at ${s3}`;
  const request = { model: 'm', version: '1', stage: 'production', reason: 'now', bypass: true };
  const promoted = (): Promise<Receipt> =>
    service.client.call('POST /models/:model/versions/:version/promote', request);
  await expect(promoted()).rejects.toMatchObject({ code: 'gate-failed', message: expect.stringContaining(told) });
  expect(await service.refused('POST', 'model-versions/transition-stage', { ...request, name: 'm' })).toContain(told);
  await service.ok('POST', 'registered-models/alias', { name: 'm', alias: 'any', version: '1' });
  await allowExternal(service);
  expect((await promoted()).gates).toMatchObject([{ gate: 'bytes', outcome: 'skipped', detail: told }]);
  const path = service.client.call('POST /models/:model/versions/:version/materialise', { model: 'm', version: '1' });
  await expect(path).rejects.toMatchObject({ code: 'gone', message: `m@1: ${told}` });
  const verified = await service.client.call('POST /verify', { model: 'm', version: '1' });
  expect(verified).toMatchObject({ ok: true, versions: 0, external: [{ subject: 'm@1', detail: told }] });
});

test('no stage goes back to external bytes, by roll back or undo, once the rules no longer allow them', async () => {
  const service = await startMlflowService();
  await model(service, 'm', 2);
  const rules = await allowExternal(service);
  const promoted = (version: string): Promise<Receipt> =>
    service.client.call('POST /models/:model/versions/:version/promote', { model: 'm', version, stage: 'production' });
  await promoted('1');
  const { seq } = await promoted('2');
  writeFileSync(rules, 'models: [{match: m}]\n');
  const told = expect.stringContaining(`Plinth does not store these bytes; they are at ${s3}`);
  const back = service.client.call('POST /models/:model/rollback', { model: 'm', stage: 'production' });
  await expect(back).rejects.toMatchObject({ code: 'gate-failed', message: told });
  await expect(service.client.call('POST /undo', { seq })).rejects.toMatchObject({
    code: 'gate-failed',
    message: told,
  });
  writeFileSync(rules, 'models: [{match: m, bytes: external}]\n');
  expect((await service.client.call('POST /undo', { seq })).undone).toBe(seq);
});

/** Watches a folder whose rules allow versions with external bytes in stages. */
async function allowExternal(service: Mlflow): Promise<string> {
  const rules = join(service.out, 'plinth.yaml');
  writeFileSync(rules, 'models: [{match: m, bytes: external}]\n');
  await service.client.call('POST /roots', { path: service.out });
  return rules;
}

test('aliases move, are told on both sides, and protect what they hold', async () => {
  const service = await startMlflowService();
  await model(service, 'm', 2);
  const set = (alias: string, to: string): Promise<string> =>
    service.refused('POST', 'registered-models/alias', { name: 'm', alias, version: to });
  for (const alias of ['champion', 'production', '123', 'A-b_c']) expect(await set(alias, '1')).toMatch(/^200/);
  expect(await set('champion', '2')).toMatch(/^200/);
  for (const alias of ['latest', 'LATEST', 'v3', 'a b', 'x'.repeat(256)]) expect(await set(alias, '1')).toMatch(/^400/);
  expect(await set('champion', '9')).toMatch(/^404 .*Model Version \(name=m, version=9\) not found/);
  const get = (alias: string): Promise<Record<string, unknown>> =>
    service.ok('GET', 'registered-models/alias', { name: 'm', alias });
  expect(await get('champion')).toMatchObject({ model_version: { version: '2', aliases: ['champion'] } });
  expect(await get('latest')).toMatchObject({ model_version: { version: '2' } });
  expect(await service.refused('GET', 'registered-models/alias', { name: 'm', alias: 'no' })).toBe(
    '400 INVALID_PARAMETER_VALUE: Registered model alias no not found.',
  );
  expect(await service.refused('DELETE', 'model-versions/delete', { name: 'm', version: '2' })).toMatch(
    /^409 RESOURCE_CONFLICT: .*@champion/,
  );
  expect(await service.refused('DELETE', 'registered-models/delete', { name: 'm' })).toMatch(/^409 .*@champion \(v2\)/);
  for (const alias of ['champion', 'champion', 'production', '123', 'A-b_c'])
    await service.ok('DELETE', 'registered-models/alias', { name: 'm', alias });
  await service.ok('DELETE', 'model-versions/delete', { name: 'm', version: '2' });
  const { items } = await service.client.call('GET /models/:model/history', { model: 'm' });
  expect(items.filter(({ type }) => type === 'pointer.moved/1')).toHaveLength(9);
});

test('stages move with history; a stage that holds one sends its former holder to the archive', async () => {
  const service = await startMlflowService();
  await model(service, 'm', 2);
  await allowExternal(service);
  const move = (version: string, stage: string, archive?: boolean): Promise<string> =>
    service.refused('POST', 'model-versions/transition-stage', {
      name: 'm',
      version,
      stage,
      ...(archive !== undefined && { archive_existing_versions: archive }),
    });
  const stages = async (): Promise<unknown[]> => {
    const { model_versions: all } = await service.ok('GET', 'model-versions/search', { order_by: 'version_number' });
    return (all as { current_stage: string }[]).map((one) => one.current_stage);
  };
  await move('1', 'production');
  expect(await stages()).toEqual(['Production', 'None']);
  await move('2', 'PRODUCTION', true);
  expect(await stages()).toEqual(['Archived', 'Production']);
  const both = (await service.ok('GET', 'model-versions/search'))['model_versions'] as {
    last_updated_timestamp: number;
  }[];
  expect(both[0]?.last_updated_timestamp).toBe(both[1]?.last_updated_timestamp);
  await move('2', 'None');
  expect(await stages()).toEqual(['Archived', 'None']);
  const back = await service.client.call('POST /models/:model/rollback', { model: 'm', stage: 'production' });
  expect([back.to, await stages()]).toEqual([2, ['Archived', 'Production']]);
  expect(await move('1', 'Prod')).toMatch(/Invalid Model Version stage: Prod\. Value must be one of None, Staging/);
  expect(await move('1', 'Archived', true)).toMatch(/^400 .*cannot archive existing model versions because/);
  const latest = await service.ok('POST', 'registered-models/get-latest-versions', {
    name: 'm',
    stages: ['Production'],
  });
  expect(latest).toMatchObject({ model_versions: [{ version: '2' }] });
  expect(
    (await service.ok('GET', 'registered-models/get-latest-versions', { name: 'm' }))['model_versions'],
  ).toHaveLength(2);
});

test('where it has to be as MLflow is, stages hold many and deleting takes what was held along', async () => {
  const service = await startMlflowService({ mlflowStrict: true });
  await model(service, 'm', 3);
  const move = (version: string, archive: boolean): Promise<object> =>
    service.ok('POST', 'model-versions/transition-stage', {
      name: 'm',
      version,
      stage: 'Staging',
      archive_existing_versions: archive,
    });
  await move('1', false);
  await move('2', false);
  const inStaging = async (): Promise<unknown> =>
    (
      (await service.ok('GET', 'model-versions/search'))['model_versions'] as {
        current_stage: string;
        version: string;
      }[]
    )
      .filter((one) => one.current_stage === 'Staging')
      .map((one) => one.version)
      .sort();
  expect(await inStaging()).toEqual(['1', '2']);
  await move('3', true);
  expect(await inStaging()).toEqual(['3']);
  await service.ok('POST', 'registered-models/alias', { name: 'm', alias: 'a', version: '3' });
  await service.ok('DELETE', 'model-versions/delete', { name: 'm', version: '3' });
  await service.ok('POST', 'registered-models/alias', { name: 'm', alias: 'a', version: '1' });
  await service.ok('DELETE', 'registered-models/delete', { name: 'm' });
});

test('models and versions are searched, ordered and paged; prompts are shown only to who asks for them', async () => {
  const service = await startMlflowService();
  for (const name of ['b', 'a', 'C']) await model(service, name, 1);
  await service.ok('POST', 'registered-models/set-tag', { name: 'a', key: 'team', value: 'Red' });
  const prompt = [{ key: 'mlflow.prompt.is_prompt', value: 'true' }];
  await service.ok('POST', 'registered-models/create', { name: 'p', tags: prompt });
  expect(await service.refused('POST', 'registered-models/create', { name: 'p' })).toMatch(/already taken by a prompt/);
  expect(await service.refused('POST', 'registered-models/create', { name: 'a', tags: prompt })).toMatch(
    /already taken by a registered model/,
  );
  const names = async (fields: object): Promise<string[]> => {
    const { registered_models: all = [] } = (await service.ok('GET', 'registered-models/search', fields)) as {
      registered_models?: { name: string }[];
    };
    return all.map(({ name }) => name);
  };
  expect(await names({})).toEqual(['C', 'a', 'b']);
  expect(await names({ filter: "tag.`mlflow.prompt.is_prompt` != 'true'" })).toEqual(['C', 'a', 'b']);
  expect(await names({ filter: "tags.`mlflow.prompt.is_prompt` = 'true'" })).toEqual(['p']);
  expect(await names({ filter: "tags.team = 'Red'" })).toEqual(['a']);
  expect(await names({ filter: "name ILIKE 'c' " })).toEqual(['C']);
  expect(await names({ filter: "name IN ('a', 'b')", order_by: ['name DESC'] })).toEqual(['b', 'a']);
  expect(await names({ order_by: ['last_updated_timestamp ASC'] })).toEqual(['b', 'a', 'C']);
  const first = await service.ok('GET', 'registered-models/search', { max_results: 1 });
  expect(await names({ max_results: 2, page_token: first['next_page_token'] })).toEqual(['a', 'b']);
  const wrong: [object, RegExp][] = [
    [{ order_by: ['timestamp', 'last_updated_timestamp'] }, /`order_by` contains duplicate fields:/],
    [{ order_by: ['creation_timestamp'] }, /Invalid order by key 'creation_timestamp' specified/],
    [{ order_by: ['name ASC please'] }, /Invalid order_by clause/],
    [{ order_by: ['name up'] }, /Invalid ordering key/],
    [{ filter: "description = 'x'" }, /Invalid attribute key 'description' specified/],
    [{ filter: 'tags.team IS NULL' }, /^400 .*Invalid comparator/],
    [{ max_results: 1001 }, /Invalid value 1001 for parameter 'max_results' supplied/],
    [{ page_token: 'evilhax' }, /Invalid page token, could not base64-decode/],
  ];
  for (const [fields, told] of wrong)
    expect(await service.refused('GET', 'registered-models/search', fields)).toMatch(told);
  const versions = async (filter: string): Promise<string[]> => {
    const { model_versions: all = [] } = (await service.ok('GET', 'model-versions/search', { filter })) as {
      model_versions?: { name: string }[];
    };
    return all.map(({ name }) => name);
  };
  expect(await versions('')).toEqual(['C', 'a', 'b']);
  expect(await versions("name = 'a' and version_number = '1'")).toEqual(['a']);
  expect(await versions('version_number > 1')).toEqual([]);
  expect(await versions("source_path = 's3://bucket/model' AND run_id IN ('')")).toHaveLength(3);
});

test('what the watcher or a person registered is seen by MLflow clients, and the other way round', async () => {
  const service = await startMlflowService();
  await model(service, 'm', 1);
  const { items } = await service.client.call('GET /models', {});
  expect(items).toMatchObject([{ name: 'm', versions: 1, latest: 1 }]);
  await service.client.call('POST /models/:model/versions/:version/promote', {
    model: 'm',
    version: '1',
    alias: '@best',
  });
  expect(await service.ok('GET', 'registered-models/get', { name: 'm' })).toMatchObject({
    registered_model: { aliases: [{ alias: 'best', version: '1' }] },
  });
});

test('a number of a model that was merged names what the version is now, for reading alone', async () => {
  const service = await startMlflowService();
  await model(service, 'kept', 1);
  await model(service, 'gone', 2);
  await service.client.call('POST /models/:model/merge', { model: 'kept', from: 'gone' });
  const asked = { name: 'gone', version: '2' };
  expect(await service.ok('GET', 'model-versions/get', asked)).toMatchObject({
    model_version: { name: 'kept', version: '3', source: s3 },
  });
  expect(await service.ok('GET', 'model-versions/get-download-uri', asked)).toEqual({ artifact_uri: s3 });
  expect(await service.refused('DELETE', 'model-versions/delete', asked)).toMatch(/^404/);
  expect(await service.refused('POST', 'registered-models/create', { name: 'gone' })).toContain('merged into kept');
});
