import type { Command } from 'commander';
import { receiptLines } from '../text/receipt.ts';
import { versionNamed } from '../reference-args.ts';
import type { Open } from '../session.ts';

export function restore(program: Command, open: Open): void {
  program
    .command('restore <version>')
    .description('restore an archived version to development')
    .option('--reason <text>', 'reason, for the history')
    .action(async (text: string, options: { reason?: string }) => {
      const session = open();
      const receipt = await session.call('POST /models/:model/versions/:version/restore', {
        ...versionNamed(text),
        ...options,
      });
      session.print(receipt, () => receiptLines(session, receipt));
    });
}
