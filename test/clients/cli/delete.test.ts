import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandLineOfTest, irisOutputs, type CommandLine } from './plinth.ts';

/** A registry with three versions of the model. */
async function withVersionsOf(model: string): Promise<CommandLine> {
  const cli = commandLineOfTest();
  const outputs = irisOutputs(cli.folder);
  for (const version of ['v1', 'v2', 'v3'])
    await cli.out('register', join(outputs, version, 'model.joblib'), '--model', model);
  return cli;
}

test('several versions are archived and deleted by one command, a line each', async () => {
  const { out, json } = await withVersionsOf('iris');
  expect((await out('archive', 'iris@1', 'iris@2')).trimEnd().split('\n')).toHaveLength(2);
  expect((await out('delete', 'iris@1', 'iris@2', '--reason', 'old')).trimEnd().split('\n')).toHaveLength(2);
  expect(await out('ls', 'iris')).not.toMatch(/v[12]\b/);
  expect(await json('delete', 'iris@3')).toMatchObject({ model: 'iris', number: 3 });
});

test('a whole model is deleted only where that is said, and not while a stage holds one of its versions', async () => {
  const { run, out } = await withVersionsOf('spare');
  expect(await run('delete', 'spare')).toMatchObject({ code: 64, stderr: expect.stringContaining('--yes') as string });
  await out('promote', 'spare@2');
  const held = await run('delete', 'spare', '--yes');
  expect(held.code).toBe(76);
  expect(held.stderr).toContain('v2 (production)');
  expect(await out('ls', 'spare')).toContain('v3');
  await out('undo');
  const lines = (await out('delete', 'spare', '--yes')).trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^deleted spare@3 .* plinth undo \d+$/);
  await out('undo', /undo (\d+)$/.exec(lines[0]!)![1]!);
  expect(await out('ls', 'spare')).toContain('v3');
});
