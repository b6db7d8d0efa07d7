import type { Command } from 'commander';
import { examples } from '../examples.ts';
import { pathOf, UsageError } from '../exit.ts';

/** Prints the help of one command: `plinth help promote`, `plinth help token create`. */
export function help(program: Command): void {
  program
    .command('help [command...]')
    .description('show the help of a command')
    .action((names: string[]) => commandAt(program, names).outputHelp());
}

/** Returns the examples for the end of a command's help; empty for the help of the whole program. */
export function exampleText(command: Command): string {
  const lines = examples[pathOf(command).replace(/^plinth ?/, '')] ?? [];
  return lines.length === 0 ? '' : ['', 'Examples:', ...lines.map((line) => `  ${line}`)].join('\n');
}

function commandAt(program: Command, names: readonly string[]): Command {
  return names.reduce((command, name) => {
    const found = command.commands.find((one) => one.name() === name);
    if (found) return found;
    const text = `there is no command ${JSON.stringify(`${pathOf(command)} ${name}`)}`;
    throw new UsageError(`${text}; list the commands with: ${pathOf(command)} --help`);
  }, program);
}
