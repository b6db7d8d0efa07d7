import type { Command } from 'commander';
import { expectation, versionOrLatest } from '../reference-args.ts';
import { receiptLines } from '../text/receipt.ts';
import type { Open } from '../session.ts';

interface AliasOptions {
  remove?: boolean;
  reason?: string;
  expect?: string;
}

export function alias(program: Command, open: Open): void {
  program
    .command('alias <reference> <name>')
    .description('point an alias to a version, or remove an alias with --remove')
    .option('--remove', 'remove the alias')
    .option('--reason <text>', 'reason, for the history')
    .option('--expect <holder>', 'refuse unless this is the current version (or none)')
    .action(async (text: string, name: string, options: AliasOptions) => {
      const session = open();
      const { model, version } = versionOrLatest(text);
      const rest = { alias: name.replace(/^@/, ''), reason: options.reason, expect: expectation(options.expect) };
      const receipt = options.remove
        ? await session.call('POST /models/:model/unalias', { model, ...rest })
        : await session.call('POST /models/:model/versions/:version/promote', { model, version, ...rest });
      session.print(receipt, () => receiptLines(session, receipt));
    });
}
