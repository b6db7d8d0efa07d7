import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copySample, startService } from '../../support/daemon.ts';

const policy = `# rules
models:
  - match: nothing-else
    gates: { production: [{ gate: signature }] }
  - match: iris
    tags: [owner]
    gates:
      '*':
        - gate: metric
          metric: auc
          at_least: 0.9
      production:
        - { gate: approvals }
        - { gate: lineage }
      "@champion": [{ gate: git }]
`;

test('the models that gates decide about are listed with the places of their gates and the version that is next', async () => {
  const { client, out } = await startService();
  mkdirSync(join(out, '.git'));
  const file = join(out, 'plinth.yaml');
  writeFileSync(file, policy);
  const register = (model: string, run: string): Promise<unknown> =>
    client.call('POST /register', {
      path: copySample(`sklearn/iris-script/outputs/${run}/model.joblib`, join(out, model, run, 'model.joblib')),
      model,
    });
  for (const run of ['v1', 'v2', 'v3']) await register('iris', run);
  await register('free', 'v1');
  await client.call('POST /models/:model/versions/:version/archive', { model: 'iris', version: '3' });
  const { models } = await client.call('GET /gates', {});
  expect(models).toMatchObject([{ model: 'iris', next: 2, policy: { path: file }, problem: null, place: { line: 5 } }]);
  const listed = models[0]!.pointers.map(({ kind, name, place, gates }) => [
    `${kind} ${name} ${place.line}`,
    ...gates.map((one) => `${one.gate} ${one.place.line}`),
  ]);
  expect(listed).toEqual([
    ['stage production 8', 'tags 6', 'metric auc 9', 'approvals 13', 'lineage 14'],
    ['stage staging 8', 'tags 6', 'metric auc 9'],
    ['alias champion 15', 'tags 6', 'git 15'],
  ]);
  expect(await client.call('GET /gates', { model: 'iris' })).toEqual({ models });
  for (const model of ['free', 'nobody']) expect((await client.call('GET /gates', { model })).models).toEqual([]);
  // The names and their order are those of a report.
  const report = await client.call('GET /models/:model/versions/:version/gates', {
    model: 'iris',
    version: '2',
    stage: 'production',
  });
  expect(report.gates.map(({ gate }) => gate)).toEqual(models[0]!.pointers[0]!.gates.map(({ gate }) => gate));
  writeFileSync(file, `${policy}  - gates\n`);
  const [broken] = (await client.call('GET /gates', {})).models;
  expect(broken).toMatchObject({ model: 'iris', pointers: [], place: { line: 16 } });
  expect(broken?.problem).toContain('plinth.yaml:16:');
});
