import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { commandEntry } from '../../../daemon/clients/cli/command-entry.ts';
import { expectedAfter, namesFor } from '../../../daemon/clients/completion/candidates.ts';
import { mainScript } from '../../support/program.ts';
import * as replies from '../../support/models.ts';
import { commandLine, irisOutputs } from '../cli/plinth.ts';

const line = commandLine();
const { folder, data, out, run } = line;

beforeAll(async () => {
  const outputs = irisOutputs(folder);
  for (const one of ['v1', 'v2']) await out('register', join(outputs, one, 'model.joblib'), '--model', 'iris');
  await out('promote', 'iris@1');
  await out('alias', 'iris@2', 'champion');
  mkdirSync(join(folder, 'bin'));
  const script = `#!/bin/sh\nexec '${process.execPath}' '${mainScript}' "$@"\n`;
  writeFileSync(join(folder, 'bin', 'plinth'), script);
  chmodSync(join(folder, 'bin', 'plinth'), 0o755);
}, 60_000);

async function complete(...words: string[]): Promise<string[]> {
  const { code, stdout } = await run('__complete', ...words);
  expect(code).toBe(0);
  return stdout.split('\n').filter((one) => one !== '');
}

test(
  'commands, their flags, models, versions and stages are offered where they may stand',
  { timeout: 60_000 },
  async () => {
    expect(await complete('prom')).toEqual(['promote']);
    expect(await complete('token', '')).toEqual(['create', 'list', 'revoke']);
    expect(await complete('promote', '--rea')).toEqual(['--reason']);
    expect(await complete('ls', 'i')).toEqual(['iris']);
    expect(await complete('promote', 'i')).toEqual(['iris@']);
    expect(await complete('promote', 'iris@')).toEqual([
      'iris@1',
      'iris@2',
      'iris@champion',
      'iris@latest',
      'iris@production',
    ]);
    expect(await complete('promote', 'iris@2', 's')).toEqual(['staging']);
    expect(await complete('promote', '--reason', 'x', 'iris@1')).toEqual(['iris@1']);
    expect(await complete('promote', '--reason', '')).toEqual([]);
    expect(await complete('register', '')).toEqual([]);
    expect(await complete('odd', 'x')).toEqual([]);
  },
);

test('nothing is started and nothing is printed where no registry answers', async () => {
  const empty = join(folder, 'empty');
  expect(await line.as({ PLINTH_DATA: empty }, '__complete', 'ls', '')).toMatchObject({
    code: 0,
    stdout: '',
    stderr: '',
  });
  expect(existsSync(empty)).toBe(false);
  const url = { PLINTH_URL: 'http://127.0.0.1:1', PLINTH_TOKEN: 'x' };
  expect(await line.as(url, '__complete', 'ls', '')).toMatchObject({ code: 0, stdout: '', stderr: '' });
});

test('a name that a shell would interpret is not offered', () => {
  const hostile = ['$(touch x)', '`id`', 'a b', 'a;b', "it's", '-rf', 'a\nb', '*', 'ok-1/x.y', 'größe'];
  const models = hostile.map((name) => replies.model({ name }));
  const expected = expectedAfter(commandEntry(), ['ls', '']);
  expect(expected.kind).toBe('model');
  expect(namesFor({ kind: 'model', word: '', model: undefined }, models)).toEqual(['größe', 'ok-1/x.y']);
});

/** Has bash complete a line with the program's script, and returns what it offers. */
function inBash(typed: string): string[] {
  const script = `eval "$(plinth completion bash)"
COMP_LINE=${JSON.stringify(typed)}; COMP_POINT=\${#COMP_LINE}
_plinth
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { ...process.env, PLINTH_DATA: data, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` };
  const found = execFileSync('bash', ['--norc', '-c', script], { env, encoding: 'utf8' });
  return found.split('\n').filter((one) => one !== '');
}

test.runIf(process.platform !== 'win32')(
  'bash offers the same, without what it has split off at @',
  { timeout: 60_000 },
  () => {
    expect(inBash('plinth prom')).toEqual(['promote']);
    expect(inBash('plinth promote iris@ch')).toEqual(['champion']);
    expect(inBash('plinth ls ')).toEqual(['iris']);
  },
);

test.each(['zsh', 'fish'])('the script for %s has no mistake', (shell) => {
  const { status: there } = spawnSync(shell, ['--version']);
  if (there !== 0) return;
  const script = execFileSync(process.execPath, [mainScript, 'completion', shell], { encoding: 'utf8' });
  expect(spawnSync(shell, ['-n'], { input: script }).status).toBe(0);
});

test('an unknown shell is refused with those that there are', async () => {
  expect((await run('completion', 'tcsh')).stderr).toContain('Choose one of bash, zsh, fish, powershell');
  for (const shell of ['bash', 'zsh', 'fish', 'powershell'])
    expect(await out('completion', shell)).toContain('plinth __complete');
});
