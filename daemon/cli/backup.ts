import type { Command } from 'commander';
import { sizeText } from './format.ts';
import { homePath } from './paths.ts';
import type { Open } from './session.ts';

export function backup(program: Command, open: Open): void {
  program
    .command('backup')
    .description('copy the registry (not the stored bytes) and verify the copy; the newest seven are kept')
    .action(async () => {
      const session = open();
      const reply = await session.call('POST /backup', {});
      session.print(reply, () => [`backed up to ${homePath(reply.path)} · ${sizeText(reply.bytes)}`]);
    });
}
