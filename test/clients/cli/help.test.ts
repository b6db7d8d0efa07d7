import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { examples } from '../../../daemon/clients/cli/examples.ts';
import { pathOf } from '../../../daemon/clients/cli/exit.ts';
import { forEachCommand, plinth } from '../../../daemon/clients/cli/program.ts';
import { commandLine } from './plinth.ts';

const { run, out } = commandLine();

function allCommands(program: Command): Command[] {
  const all: Command[] = [];
  forEachCommand(program, (command) => all.push(command));
  return all;
}

/** Returns the words of a command line as a shell would. */
function wordsOf(line: string): string[] {
  const text = /^eval "\$\((.*)\)"$/.exec(line)?.[1] ?? line;
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare!);
}

test('the help of every command ends with an example, and every example is a call of that command', () => {
  const program = plinth();
  const commands = allCommands(program).filter((command) => command !== program);
  expect(commands.length).toBeGreaterThan(55);
  const called: string[] = [];
  for (const command of commands)
    if (command.commands.length === 0) command.action(() => void called.push(pathOf(command)));
  for (const command of commands) {
    const path = pathOf(command);
    const lines = examples[path.replace('plinth ', '')] ?? [];
    expect(lines.length, path).toBeGreaterThan(0);
    let text = '';
    command.configureOutput({ writeOut: (more) => (text += more) }).outputHelp();
    for (const line of lines) {
      expect(text, path).toContain(`\n  ${line}\n`);
      const [first, ...args] = wordsOf(line);
      expect(first, line).toBe('plinth');
      program.parse(args, { from: 'user' });
      expect(called.pop(), line).toMatch(new RegExp(`^${path}( |$)`));
    }
  }
  const paths = commands.map((command) => pathOf(command).replace('plinth ', ''));
  expect(Object.keys(examples).filter((name) => !paths.includes(name))).toEqual([]);
});

test('help COMMAND prints that command’s help alone', async () => {
  const promote = await out('help', 'promote');
  expect(promote).toBe(await out('promote', '--help'));
  expect(promote.match(/^Usage:/gm)).toHaveLength(1);
  expect(await out('help', 'token', 'create')).toMatch(/^Usage: plinth token create/);
  expect(await out('token')).toMatch(/^Usage: plinth token /);
  expect(await out('help')).toBe(await out());
});

test('help of a command that does not exist leaves with 64 and says where the commands are listed', async () => {
  for (const [args, text] of [
    [['help', 'prmote'], 'plinth --help'],
    [['help', 'token', 'mint'], 'plinth token --help'],
  ] as const) {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toMatch(/^plinth: [^\n]+\n$/);
    expect(stderr).toContain(text);
  }
});

test('wrong use names the help of the command that was called', async () => {
  const wrong: [string[], string][] = [
    [['promote'], 'see: plinth promote --help'],
    [['ls', '--no-such'], 'see: plinth ls --help'],
    [['token', 'create'], 'see: plinth token create --help'],
    [['token', 'mint'], 'see: plinth token --help'],
    [['shw'], 'see: plinth --help'],
    [['tag', 'iris', 'owner'], 'see: plinth tag --help'],
    [['promote', 'iris@1', 'staging', '--alias', 'x'], 'see: plinth promote --help'],
  ];
  const outcomes = await Promise.all(wrong.map(([args]) => run(...args)));
  for (const [at, [args, expected]] of wrong.entries()) {
    expect({ args, code: outcomes[at]!.code }).toEqual({ args, code: 64 });
    expect(outcomes[at]!.stderr).toContain(expected);
  }
});
