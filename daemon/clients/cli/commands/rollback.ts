import type { Command } from 'commander';
import type { Receipt } from '../../../protocol/routes/pointers.ts';
import { expectation, pointerOf, split } from '../reference-args.ts';
import { receiptLines } from '../text/receipt.ts';
import { withProgress } from '../terminal/progress.ts';
import { UsageError } from '../exit.ts';
import type { Open } from '../session.ts';

interface RollbackOptions {
  to?: string;
  reason?: string;
  expect?: string;
}

export function rollback(program: Command, open: Open): void {
  program
    .command('rollback <model> [place]')
    .description(
      'restore the previous version of a stage (default: production) or @alias, after verifying its checksum',
    )
    .option('--to <version>', 'restore this version instead')
    .option('--reason <text>', 'reason, for the history')
    .option('--expect <holder>', 'refuse unless this is the current version')
    .action(async (model: string, place: string | undefined, options: RollbackOptions) => {
      const session = open();
      const move = { ...pointerOf(place, undefined), reason: options.reason, expect: expectation(options.expect) };
      const request = { model, ...move, to: target(model, options.to) };
      const send = (): Promise<Receipt> => session.call('POST /models/:model/rollback', request);
      const receipt = await withProgress(session, 'verifying', (subject) => subject.startsWith(`${model}@`), send);
      session.print(receipt, () => receiptLines(session, receipt));
    });
}

/** Parses the target version: `5`, `v5` or `churn@5`. Throws UsageError for another model. */
function target(model: string, to: string | undefined): string | undefined {
  if (to === undefined || !to.includes('@') || to.startsWith('@')) return to;
  const reference = split(to);
  if (reference.model === model) return reference.version;
  throw new UsageError(`${to} is not a version of ${model}.`);
}
