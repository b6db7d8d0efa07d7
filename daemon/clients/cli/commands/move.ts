import type { Command } from 'commander';
import { versionNamed } from '../reference-args.ts';
import type { Open } from '../session.ts';
import { referenceTo } from '../../../shared/references.ts';

export function move(program: Command, open: Open): void {
  program
    .command('move <version> <model>')
    .description('move a version to another model')
    .action(async (text: string, to: string) => {
      const session = open();
      const reference = versionNamed(text);
      const reply = await session.call('POST /models/:model/versions/:version/move', { ...reference, to });
      const { model, number } = reply.version;
      session.print(reply, () => [
        `${referenceTo(reference.model, reference.version)} is now ${referenceTo(model, number)}`,
      ]);
    });
}
