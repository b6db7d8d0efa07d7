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
    .description('promote a version to a stage (default: production), after verifying its checksum')
    .option('--alias <name>', 'promote to this alias instead of a stage')
    .option('--reason <text>', 'reason, for the history')
    .option('--expect <holder>', 'refuse unless this is the current version (or none)')
    .option('--bypass', 'override failed gates; requires the role admin and a reason, and is recorded')
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
