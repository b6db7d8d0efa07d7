import type { Command } from 'commander';
import { dateText } from './format.ts';
import { versionNamed } from './reference.ts';
import type { Open } from './session.ts';

export function deleteVersion(program: Command, open: Open): void {
  program
    .command('delete <version>')
    .description('delete a version; can be undone for some days, then its bytes go')
    .option('--reason <text>', 'why, for the history')
    .action(async (text: string, options: { reason?: string }) => {
      const session = open();
      const reference = versionNamed(text);
      const reply = await session.call('POST /models/:model/versions/:version/delete', { ...reference, ...options });
      const label = `${reference.model}@${reference.version}`;
      session.print(reply, () => [
        `deleted ${label} · until ${dateText(reply.until)} undo with: plinth undo ${reply.seq}`,
      ]);
    });
}
