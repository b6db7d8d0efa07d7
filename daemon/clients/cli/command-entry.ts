import type { Command } from 'commander';
import type { CommandEntry } from '../completion/candidates.ts';
import { plinth } from './program.ts';

/** Returns the commands as data, for the completion of shells. */
export function commandEntry(command: Command = plinth()): CommandEntry {
  const options = command.options.filter(({ hidden, long }) => !hidden && long !== undefined && long !== null);
  return {
    name: command.name(),
    options: options.map(({ long }) => long ?? ''),
    valued: options.filter(({ required, optional }) => required || optional).map(({ long }) => long ?? ''),
    arguments: command.registeredArguments.map((one) => one.name()),
    commands: command.commands.map((one) => commandEntry(one)),
  };
}
