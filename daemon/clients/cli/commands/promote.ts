import type { Command } from 'commander';
import { expectation, pointerOf, versionOrLatest } from '../reference-args.ts';
import { receiptLines } from '../text/receipt.ts';
import { withProgress } from '../terminal/progress.ts';
import type { Receipt } from '../../../protocol/routes/pointers.ts';
import type { Open } from '../session.ts';

interface PromoteOptions {
  alias?: string;
  reason?: string;
  expect?: string;
  bypass?: boolean;
}

export function promote(program: Command, open: Open): void {
  program
    .command('promote <version> [stage]')
    .description('put a version in a stage (default: production), after re-hashing its bytes')
    .option('--alias <name>', 'move this alias instead of a stage')
    .option('--reason <text>', 'why, for the history')
    .option('--expect <holder>', 'refuse unless this version, or none, holds it now')
    .option('--bypass', 'move it although gates fail; takes a reason and the right, and stays marked')
    .action(async (reference: string, stage: string | undefined, options: PromoteOptions) => {
      const session = open();
      const { model, version } = versionOrLatest(reference);
      const move = { ...pointerOf(stage, options.alias), reason: options.reason, expect: expectation(options.expect) };
      const request = { model, version, ...move, bypass: options.bypass };
      const send = (): Promise<Receipt> => session.call('POST /models/:model/versions/:version/promote', request);
      const receipt = await withProgress(session, 'verifying', (subject) => subject.startsWith(`${model}@`), send);
      session.print(receipt, () => receiptLines(session, receipt));
    });
}
