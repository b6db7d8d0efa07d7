import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandLineOfTest, irisOutputs } from './plinth.ts';

test('a lock fails on drift until it is written again', { timeout: 60_000 }, async () => {
  const { folder, run, out, json } = commandLineOfTest();
  const outputs = irisOutputs(folder);
  for (const name of ['v1', 'v2']) await out('register', join(outputs, name, 'model.joblib'), '--model', 'iris');
  await out('promote', 'iris@1', 'production');
  const code = join(folder, 'serve.py');
  writeFileSync(code, 'model = "models:/iris/production"\npinned = "models:/iris/2"\n');
  writeFileSync(join(folder, 'README.md'), 'such as models:/example/3\n');

  expect((await run('lock', folder, '--check')).stderr).toContain('does not exist. Write it with: plinth lock');
  expect(await out('lock', folder)).toContain('2 references');
  const text = readFileSync(join(folder, 'plinth.lock'), 'utf8');
  expect(JSON.parse(text)).toMatchObject({ models: { 'models:/iris/production': { version: 1 } } });
  expect((await run('lock', folder, '--check')).code).toBe(0);

  await out('promote', 'iris@2', 'production');
  const drifted = await run('lock', folder, '--check');
  expect(drifted.code).not.toBe(0);
  expect(drifted.stderr).toContain('models:/iris/production is locked at v1 but resolves to v2 now.');
  expect(readFileSync(join(folder, 'plinth.lock'), 'utf8')).toBe(text);

  writeFileSync(code, 'model = "models:/iris/production"\nnew = "models:/irsi/1"\n');
  const unresolved = await run('lock', folder, '--check');
  expect(unresolved.stderr).toContain('models:/irsi/1 does not resolve to a version that can be loaded.');

  writeFileSync(code, 'model = "models:/iris/production"\n');
  expect(await json('lock', folder)).toMatchObject({ references: 1 });
  expect((await run('lock', folder, '--check')).code).toBe(0);
});

test('a number that is locked holds after its model was merged into another', { timeout: 60_000 }, async () => {
  const { folder, run, out, json } = commandLineOfTest();
  const outputs = irisOutputs(folder);
  const project = join(folder, 'merged');
  mkdirSync(project);
  await out('register', join(outputs, 'v1', 'model.joblib'), '--model', 'iris');
  await out('register', join(outputs, 'v3', 'model.joblib'), '--model', 'old');
  writeFileSync(join(project, 'serve.py'), 'model = "models:/old/1"\n');
  writeFileSync(join(project, 'deploy.yaml'), 'model: old@1\nother: lodash@4\n');
  await out('lock', project);
  await out('merge', 'iris', 'old');
  expect(await run('lock', project, '--check')).toMatchObject({ code: 0, stderr: '' });
  expect((await out('lock', project)).trim()).not.toBe('');
  expect(JSON.parse(readFileSync(join(project, 'plinth.lock'), 'utf8'))).toMatchObject({
    models: { 'models:/old/1': { version: 1 } },
  });
  writeFileSync(join(project, 'serve.py'), '');
  expect(await json('lock', project)).toMatchObject({ references: 1, drift: [] });
  expect(await run('lock', project, '--check')).toMatchObject({ code: 0, stderr: '' });
});

test(
  'a check on a machine without a registry starts none, and advises nobody to accept an empty one',
  { timeout: 60_000 },
  async () => {
    const { folder, run, out } = commandLineOfTest();
    await out('register', join(irisOutputs(folder), 'v1', 'model.joblib'), '--model', 'iris');
    await out('promote', 'iris@1', 'production');
    const project = join(folder, 'ci');
    mkdirSync(project);
    writeFileSync(join(project, 'serve.py'), 'model = "models:/iris/production"\n');
    await out('lock', project);
    const none = join(folder, 'nothing-there');
    const { code, stderr } = await run('lock', project, '--check', '--data', none);
    expect(code).toBe(66);
    expect(stderr).toMatch(/^plinth: There is no registry in .*--data or PLINTH_DATA\.\n$/);
    expect(existsSync(none)).toBe(false);
    await run('ls', '--data', none);
    const empty = await run('lock', project, '--check', '--data', none);
    await run('stop', '--data', none);
    expect(empty.code).toBe(76);
    expect(empty.stderr).toContain('has no models');
    expect(empty.stderr).not.toContain('plinth lock');
  },
);
