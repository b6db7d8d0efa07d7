import type { Command } from 'commander';
import { deleteModel, type DeletedVersion } from '../../client/delete-model.ts';
import { UsageError } from '../exit.ts';
import { split, versionNamed } from '../reference-args.ts';
import type { Open } from '../session.ts';
import { referenceTo } from '../../../shared/references.ts';
import { dateText } from '../../../shared/format.ts';

interface Options {
  reason?: string;
  yes?: boolean;
}

export function deleteVersion(program: Command, open: Open): void {
  program
    .command('delete <references...>')
    .description(
      'delete versions, or all versions of a model; can be undone for 7 days, then the files are deleted permanently',
    )
    .option('--reason <text>', 'reason, for the history')
    .option('--yes', 'confirm that a model without @version means all of its versions')
    .action(async (references: string[], { reason, yes }: Options) => {
      const session = open();
      const wanted = references.map(split);
      const whole = wanted.find(({ version }) => version === undefined);
      if (whole && yes !== true)
        throw new UsageError(
          `Give a version, such as ${referenceTo(whole.model, 3)}, or add --yes to delete all versions of ${whole.model}.`,
        );
      const deleted: DeletedVersion[] = [];
      for (const [at, { model, version }] of wanted.entries()) {
        if (version === undefined) {
          deleted.push(...(await deleteModel(session.call, model, reason)));
          continue;
        }
        const of = { ...versionNamed(references[at] ?? ''), reason };
        const reply = await session.call('POST /models/:model/versions/:version/delete', of);
        deleted.push({ model, number: Number(version.replace(/^v/, '')), ...reply });
      }
      const lines = (): string[] =>
        deleted.length === 0 ? [`${references.join(', ')} has no versions`] : deleted.map(lineOf);
      session.print(deleted.length === 1 && whole === undefined ? deleted[0] : deleted, lines);
    });
}

function lineOf({ model, number, until, seq }: DeletedVersion): string {
  return `deleted ${referenceTo(model, number)} · until ${dateText(until)} undo with: plinth undo ${seq}`;
}
