import type { Command } from 'commander';
import { countOf } from '../../../shared/format.ts';
import { referenceTo } from '../../../shared/references.ts';
import type { Open } from '../session.ts';

export function merge(program: Command, open: Open): void {
  program
    .command('merge <model> <other>')
    .description('make the versions of another model versions of this one')
    .option('--reason <text>', 'reason, for the history')
    .action(async (model: string, other: string, { reason }: { reason?: string }) => {
      const session = open();
      const reply = await session.call('POST /models/:model/merge', { model, from: other, reason });
      session.print(reply, () => [
        ...reply.versions.map(({ from, to }) => `${referenceTo(other, from)} is now ${referenceTo(model, to)}`),
        `merged ${countOf(reply.versions.length, 'version')} of ${other} into ${model} · event ${reply.seq} · undo with: plinth undo ${reply.seq}`,
      ]);
    });
}
