import type { Command } from 'commander';
import { shellWord } from '../../../shared/format.ts';
import { absolute, homePath } from '../paths.ts';
import type { Open } from '../session.ts';

export function pause(program: Command, open: Open): void {
  program
    .command('pause <path>')
    .description('let a watched folder be, until it is resumed')
    .action(async (given: string) => {
      const session = open();
      const path = absolute(given);
      const reply = await session.call('POST /roots/pause', { path });
      session.print(reply, () => [`paused watching ${homePath(path)}; go on with: plinth resume ${shellWord(path)}`]);
    });
}

export function resume(program: Command, open: Open): void {
  program
    .command('resume <path>')
    .description('watch a paused folder again, and register what was saved meanwhile')
    .action(async (given: string) => {
      const session = open();
      const path = absolute(given);
      const reply = await session.call('POST /roots/resume', { path });
      session.print(reply, () => [`watching ${homePath(path)} again`]);
    });
}
