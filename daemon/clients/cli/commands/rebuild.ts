import type { Command } from 'commander';
import type { Open } from '../session.ts';
import { countOf } from '../../../shared/format.ts';

export function rebuild(program: Command, open: Open): void {
  program
    .command('rebuild')
    .description('rebuild the tables from the log; the service must be stopped')
    .action(async () => {
      const session = open();
      const { rebuildRegistry } = await import('../../../server/offline.ts');
      const reply = rebuildRegistry(session.dataFolder);
      const result = reply.identical ? 'they are as they were' : 'they were not as the log says, and are now';
      session.print(reply, () => [`rebuilt the tables from ${countOf(reply.events, 'event')}: ${result}`]);
    });
}
