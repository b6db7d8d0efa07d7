import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shellWord } from '../../../daemon/shared/format.ts';
import { commandLine, commandLineOfTest, irisOutputs } from './plinth.ts';

const { folder, run, out, json } = commandLine();

test('a folder that is not there is refused by name, whatever lies above it', { timeout: 30_000 }, async () => {
  writeFileSync(join(folder, 'plinth.yaml'), 'watch:\n  - path: runs/{model}\n');
  expect(await out('check', join(folder, 'plinth.yaml'))).toContain('has no mistakes');
  for (const args of [['check'], ['init'], ['init', '--write'], ['lock'], ['lock', '--check']]) {
    const { code, stdout, stderr } = await run(...args, join(folder, 'rnus'));
    expect({ args, code, stdout }).toEqual({ args, code: 66, stdout: '' });
    expect(stderr).toBe(`plinth: ${join(folder, 'rnus')} does not exist. Check the path.\n`);
  }
  const file = await run('lock', join(folder, 'plinth.yaml'));
  expect([file.code, file.stderr]).toEqual([64, expect.stringContaining('is a file')]);
});

test('what holds no training outputs is not watched: the whole file system, and the registry itself', async () => {
  const { data, run, json } = commandLineOfTest();
  for (const path of ['/', data, join(data, 'versions')]) {
    mkdirSync(path, { recursive: true });
    const { code, stderr } = await run('watch', path);
    expect({ path, code }).toEqual({ path, code: 64 });
    expect(stderr).toContain('Watch the folder that training outputs are written to.');
  }
  expect(await json('status')).toMatchObject({ roots: [] });
});

test('a folder of several models that is registered is a model of its own, not one of them', async () => {
  const outputs = irisOutputs(join(folder, 'made'));
  const held = join(folder, 'both');
  mkdirSync(held);
  await out('watch', held);
  for (const [name, version] of [
    ['iris', 'v1'],
    ['wine', 'v2'],
  ] as const)
    await out('register', join(outputs, version, 'model.joblib'), '--model', name);
  const whole = await json('register', outputs);
  expect(whole).toMatchObject({ version: { model: 'made', source: { path: outputs } } });
  expect((await out('ls', 'iris')).match(/v\d/g)).toEqual(['v1']);
});

test('a link to a model or version that is not there is refused, not printed', async () => {
  const { folder, run, out } = commandLineOfTest();
  await out('register', join(irisOutputs(folder), 'v1', 'model.joblib'), '--model', 'iris');
  for (const args of [['nobody'], ['iris@55'], ['iris@1', 'nobody@2']])
    expect((await run('open', '--print', ...args)).code).toBe(66);
  expect(await out('open', '--print', 'iris@1')).toMatch(/^http:/);
});

test('a path that a message tells to copy is one word of a shell', async () => {
  expect(shellWord('/srv/Müller/a+b@2')).toBe('/srv/Müller/a+b@2');
  expect(shellWord('/srv/für alle')).toBe('"/srv/für alle"');
  expect(shellWord("/srv/$HOME's")).toBe(`'/srv/$HOME'\\''s'`);
  const blank = join(folder, 'with blanks');
  mkdirSync(blank);
  writeFileSync(join(blank, 'notes.md'), '');
  expect(await out('why', join(blank, 'notes.md'))).toContain(`plinth watch "${blank}"`);
});

test('wrong use is one sentence without a full stop before what to read', async () => {
  expect((await run('events', 'nobody')).stderr).toMatch(/nobody; see: plinth events --help\n$/);
});
