import type { Command } from 'commander';
import { versionOrLatest } from '../reference-args.ts';
import { withProgress } from '../terminal/progress.ts';
import { cleanText } from '../terminal/sanitize.ts';
import type { Open } from '../session.ts';

export function path(program: Command, open: Open): void {
  program
    .command('path <version>')
    .description('print the path of the verified files of a version')
    .action(async (text: string) => {
      const session = open();
      const reference = versionOrLatest(text);
      const client = await session.client();
      const send = (): Promise<{ path: string }> =>
        client.call('POST /models/:model/versions/:version/materialise', reference);
      const reply = await withProgress(
        session,
        'verifying',
        (subject) => subject.startsWith(`${reference.model}@`),
        send,
      );
      session.print(reply, () => [session.screen.isTTY ? cleanText(reply.path) : reply.path]);
    });
}
