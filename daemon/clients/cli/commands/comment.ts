import type { Command } from 'commander';
import { versionOrLatest } from '../reference-args.ts';
import type { Open } from '../session.ts';
import { referenceTo } from '../../../shared/references.ts';

export function comment(program: Command, open: Open): void {
  program
    .command('comment <version> <text>')
    .description('add a comment to a version')
    .action(async (reference: string, text: string) => {
      const session = open();
      const { model, version } = versionOrLatest(reference);
      const reply = await session.call('POST /models/:model/versions/:version/comment', { model, version, text });
      session.print(reply, () => [`commented on ${referenceTo(model, version)} · event ${reply.seq}`]);
    });
}
