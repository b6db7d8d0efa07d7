import type { Command } from 'commander';
import type { Receipt } from '../../../protocol/routes/pointers.ts';
import { receiptLines } from '../text/receipt.ts';
import { versionNamed } from '../reference-args.ts';
import type { Open } from '../session.ts';

export function archive(program: Command, open: Open): void {
  program
    .command('archive <versions...>')
    .description('archive versions; the current version of a stage or an alias cannot be archived')
    .option('--reason <text>', 'reason, for the history')
    .action(async (texts: string[], options: { reason?: string }) => {
      const session = open();
      const receipts: Receipt[] = [];
      for (const of of texts.map(versionNamed))
        receipts.push(await session.call('POST /models/:model/versions/:version/archive', { ...of, ...options }));
      session.print(receipts.length === 1 ? receipts[0] : receipts, () =>
        receipts.flatMap((receipt) => receiptLines(session, receipt)),
      );
    });
}
