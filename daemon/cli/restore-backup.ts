import type { Command } from 'commander';
import { countOf } from './format.ts';
import { absolute, homePath } from './paths.ts';
import type { Open } from './session.ts';

export function restoreBackup(program: Command, open: Open): void {
  program
    .command('restore-backup [file]')
    .description('put back a backup (default: the newest), after verifying it; the registry service must be stopped')
    .action(async (file: string | undefined) => {
      const session = open();
      const offline = await import('../offline.ts');
      const reply = offline.restoreBackup(session.dataFolder, file === undefined ? undefined : absolute(file));
      const kept = reply.kept === null ? [] : [`the registry that was there is kept as ${homePath(reply.kept)}`];
      session.print(reply, () => [`restored ${homePath(reply.restored)}: ${countOf(reply.events, 'event')}`, ...kept]);
    });
}
