import type { Command } from 'commander';
import { versionOrLatest } from '../reference-args.ts';
import type { Open } from '../session.ts';
import { referenceTo } from '../../../shared/references.ts';

export function detach(program: Command, open: Open): void {
  program
    .command('detach <version> <source>')
    .description('withdraw the evidence that a version has from a file or another source')
    .option('--reason <text>', 'reason, for the history')
    .action(async (text: string, source: string, { reason }: { reason?: string }) => {
      const session = open();
      const reference = versionOrLatest(text);
      const about = { ...reference, source, reason };
      const changed = await session.call('POST /models/:model/versions/:version/detach', about);
      session.print(changed, () => [
        `detached ${source} from ${referenceTo(reference.model, reference.version)} · event ${changed.seq}; take it back with: plinth undo ${changed.seq}`,
      ]);
    });
}
