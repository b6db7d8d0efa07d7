import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findDaemon } from '../../../daemon/clients/client/discover.ts';
import { connect } from '../../../daemon/clients/client/request.ts';
import { commandLineOfTest, samples } from './plinth.ts';

test('the command line gives the gate report that REST gives, byte for byte, and leaves with 0 or 1', async () => {
  const cli = commandLineOfTest();
  const project = join(cli.folder, 'project');
  mkdirSync(join(project, '.git'), { recursive: true });
  writeFileSync(
    join(project, 'plinth.yaml'),
    'models: [{ match: iris, gates: { production: [{ gate: tags, keys: [dataset] }, { gate: pickle }] } }]\n',
  );
  const model = join(project, 'model.joblib');
  cpSync(join(samples, 'sklearn/iris-script/outputs/v1/model.joblib'), model);
  await cli.out('register', model, '--model', 'iris');
  const refused = await cli.run('gate', 'iris@1', '--to', 'production', '--json');
  expect(refused.code).toBe(1);
  const daemon = await findDaemon(cli.data);
  const rest = await fetch(`http://127.0.0.1:${daemon?.port}/models/iris/versions/1/gates?stage=production`, {
    headers: { authorization: `Bearer ${daemon?.token}` },
  });
  expect(refused.stdout).toBe(`${await rest.text()}\n`);
  const editor = await connect(daemon!, 'vscode').call('GET /models/:model/versions/:version/gates', {
    model: 'iris',
    version: '1',
    stage: 'production',
  });
  expect(`${JSON.stringify(editor)}\n`).toBe(refused.stdout);
  const promoted = await cli.run('promote', 'iris@1', '--json');
  const told = JSON.parse(promoted.stderr || promoted.stdout) as { error: { details: { verdict: unknown } } };
  expect(`${JSON.stringify(told.error.details.verdict)}\n`).toBe(refused.stdout);
  expect(await cli.out('gate', 'iris', '--history')).toContain('✗ v1  tags');
  await cli.out('tag', 'iris@1', 'dataset=iris');
  expect((await cli.run('gate', 'iris@1')).stdout).toContain('iris@1 passes the gates for production');
  expect(await cli.out('promote', 'iris@1')).toContain('iris production is now v1');
});

test('a step of a pipeline has the rights of its token', async () => {
  const cli = commandLineOfTest();
  await cli.out('register', join(samples, 'sklearn/iris-script/outputs/v1/model.joblib'), '--model', 'iris');
  const made = (await cli.json('token', 'create', 'ci', '--role', 'viewer')) as { token: string; id: string };
  const step = commandLineOfTest({ PLINTH_DATA: cli.data, PLINTH_TOKEN: made.token });
  expect((await step.run('gate', 'iris@1', '--json')).code).toBe(0);
  const refused = await step.run('rollback', 'iris');
  expect(refused.stderr).toContain('ci has role viewer; role contributor is required');
  expect(await cli.out('token', 'list')).toContain('ci');
  await cli.out('token', 'revoke', made.id);
  expect((await step.run('ls')).code).toBe(69);
});
