import type { Command } from 'commander';
import { absolute, homePath } from '../paths.ts';
import type { Open } from '../session.ts';
import { countOf, shellWord } from '../../../shared/format.ts';

export function restoreBackup(program: Command, open: Open): void {
  program
    .command('restore-backup [file]')
    .description('put back a backup (default: the newest), after verifying it; the registry service must be stopped')
    .action(async (file: string | undefined) => {
      const session = open();
      const { restoreRegistry } = await import('../../../server/restored.ts');
      const reply = await restoreRegistry(session.dataFolder, file === undefined ? undefined : absolute(file));
      const kept = reply.kept === null ? [] : [`the registry that was there is kept as ${homePath(reply.kept)}`];
      const { events, versions, withBytes, paused } = reply;
      const holds = `${countOf(events, 'event')}, ${countOf(versions, 'version')}, ${withBytes} with bytes`;
      const without =
        withBytes < versions
          ? ['the bytes of the others are not in a plain backup: put blobs/ of the old data folder beside registry.db']
          : [];
      session.print(reply, () => [
        `restored ${homePath(reply.restored)}: ${holds}`,
        ...without,
        ...kept,
        ...paused.map((path) => `no longer watched: ${path}; watch it here with: plinth resume ${shellWord(path)}`),
      ]);
    });
}
