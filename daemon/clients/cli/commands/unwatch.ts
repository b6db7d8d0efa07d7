import type { Command } from 'commander';
import { absolute, homePath } from '../paths.ts';
import type { Open } from '../session.ts';

export function unwatch(program: Command, open: Open): void {
  program
    .command('unwatch <path>')
    .description('stop watching a folder; registered versions are kept')
    .action(async (given: string) => {
      const session = open();
      const path = absolute(given);
      const reply = await session.call('POST /roots/remove', { path });
      session.print(reply, () => [`no longer watching ${homePath(path)}; its versions stay`]);
    });
}
