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
      const result = reply.identical ? 'they did not change' : 'they differed from the log and now match it';
      session.print(reply, () => [`rebuilt the tables from ${countOf(reply.events, 'event')}: ${result}`]);
    });
}
