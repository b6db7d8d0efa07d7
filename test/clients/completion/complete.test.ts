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
    // Windows PowerShell cannot pass an empty word.
    expect(await complete('ls', ' ')).toEqual(['iris']);
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

/** Runs a script in a shell, on whose path `plinth` is; undefined where there is no such shell. */
function inShell(shell: string, script: string, ...args: string[]): string[] | undefined {
  if (spawnSync(shell, ['--version']).status !== 0) return undefined;
  const env = {
    ...process.env,
    HOME: folder,
    // Without a terminal's name zsh edits no lines.
    TERM: 'xterm',
    PLINTH_DATA: data,
    PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
  };
  const path = join(folder, `script.${shell}`);
  writeFileSync(path, script);
  const plain = shell === 'fish' ? '--no-config' : '-f';
  const found = spawnSync(shell, [plain, path, ...args], { env, cwd: folder, encoding: 'utf8', timeout: 50_000 });
  return found.stdout.split('\n').filter((one) => one !== '');
}

test('fish offers the same, and files only where there is nothing else', { timeout: 60_000 }, (context) => {
  const offered = (typed: string): string[] | undefined =>
    inShell('fish', 'plinth completion fish | source; complete -C $argv[1]', typed);
  const commands = offered('plinth prom');
  if (!commands) return context.skip('there is no fish');
  expect(commands).toEqual(['promote']);
  expect(offered('plinth promote iris@')).toEqual(['1', '2', 'champion', 'latest', 'production'].map((one) => `iris@${one}`)); // prettier-ignore
  expect(offered('plinth ls ')).toEqual(['iris']);
  expect(offered('plinth ls "i')).toEqual(['iris']);
  expect(offered('plinth register outp')).toEqual(['outputs/']);
});

/**
 * Types each argument, a tab and x into an interactive zsh, and prints the line that it then has. npm says that the editor is vi, which
 * would give zsh the keys of vi.
 */
const typing = `zmodload zsh/zpty
zpty z zsh -f -i
shown() { local out all=; while zpty -r z out; do all+=$out; [[ $all == *$1* ]] && break; done; print -r -- $all }
zpty -w z 'bindkey -e; PS1=; unsetopt prompt_cr prompt_sp; autoload -U compinit; compinit -u -D; eval "$(plinth completion zsh)"; print RE''ADY'
shown READY > /dev/null
for line in "$@"; do
  zpty -w -n z "$line"$'\\tx\\C-aprint -r -- "<\\C-e>"\\n'
  zpty -w z "print EN''D"
  shown END | tr -d '\\r' | grep '^<'
done
`;

test('zsh completes a line, with a space only after what is complete', { timeout: 60_000 }, (context) => {
  const typed = ['plinth prom', 'plinth promote iris@ch', 'plinth ls i', 'plinth promote i', 'plinth register outp'];
  const lines = inShell('zsh', typing, ...typed);
  if (!lines) return context.skip('there is no zsh');
  expect(lines).toEqual([
    '<plinth promote x>',
    '<plinth promote iris@champion x>',
    '<plinth ls iris x>',
    '<plinth promote iris@x>',
    '<plinth register outputs/x>',
  ]);
});

test('PowerShell offers the same', { timeout: 60_000 }, (context) => {
  if (spawnSync('pwsh', ['--version']).status !== 0) return context.skip('there is no pwsh');
  const offered = (typed: string): string[] => {
    const line = `'${typed.replaceAll("'", "''")}'`;
    const script = `plinth completion powershell | Out-String | Invoke-Expression
(TabExpansion2 -inputScript ${line} -cursorColumn ${typed.length}).CompletionMatches.CompletionText`;
    const env = { ...process.env, PLINTH_DATA: data, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` };
    return execFileSync('pwsh', ['-NoProfile', '-Command', script], { env, encoding: 'utf8' }).trim().split(/\r?\n/);
  };
  expect(offered('plinth prom')).toEqual(['promote']);
  expect(offered('plinth promote iris@ch')).toEqual(['iris@champion']);
  expect(offered('plinth ls ')).toEqual(['iris']);
});

test('an unknown shell is refused with those that there are', async () => {
  expect((await run('completion', 'tcsh')).stderr).toContain('Choose one of bash, zsh, fish, powershell');
  for (const shell of ['bash', 'zsh', 'fish', 'powershell'])
    expect(await out('completion', shell)).toContain('plinth __complete');
});
