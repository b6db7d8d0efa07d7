import type { Command } from 'commander';
import { shellWord } from '../../../shared/format.ts';
import { absolute, homePath } from '../paths.ts';
import type { Open } from '../session.ts';

export function pause(program: Command, open: Open): void {
  program
    .command('pause <path>')
    .description('pause watching a folder')
    .action(async (given: string) => {
      const session = open();
      const path = absolute(given);
      const reply = await session.call('POST /roots/pause', { path });
      session.print(reply, () => [`paused watching ${homePath(path)}; resume with: plinth resume ${shellWord(path)}`]);
    });
}

export function resume(program: Command, open: Open): void {
  program
    .command('resume <path>')
    .description('resume watching a folder, and register what was saved meanwhile')
    .action(async (given: string) => {
      const session = open();
      const path = absolute(given);
      const reply = await session.call('POST /roots/resume', { path });
      session.print(reply, () => [`watching ${homePath(path)} again`]);
    });
}
