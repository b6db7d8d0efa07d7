import type { Command } from 'commander';
import { receiptLines } from './receipt.ts';
import { versionNamed } from './reference.ts';
import type { Open } from './session.ts';

export function archive(program: Command, open: Open): void {
  program
    .command('archive <version>')
    .description('put a version aside; one that is held cannot be')
    .option('--reason <text>', 'why, for the history')
    .action(async (text: string, options: { reason?: string }) => {
      const session = open();
      const receipt = await session.call('POST /models/:model/versions/:version/archive', {
        ...versionNamed(text),
        ...options,
      });
      session.print(receipt, () => receiptLines(session, receipt));
    });
}
