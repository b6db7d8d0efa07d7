import type { Command } from 'commander';
import { versionOrLatest, type VersionReference } from '../reference-args.ts';
import { withOwnProgress, withProgress } from '../terminal/progress.ts';
import { cleanText } from '../../../shared/clean-text.ts';
import type { Client } from '../../client/request.ts';
import type { Open, Session } from '../session.ts';

export function path(program: Command, open: Open): void {
  program
    .command('path <version>')
    .description('print the path of the verified files of a version')
    .action(async (text: string) => {
      const session = open();
      const reference = versionOrLatest(text);
      const client = await session.client();
      if (session.url !== undefined) return printCopy(session, client, reference);
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

/** Prints the path of a verified copy of a version that is on another machine. */
async function printCopy(session: Session, client: Client, reference: VersionReference): Promise<void> {
  const { downloadVersion } = await import('../../client/download.ts');
  const detail = await client.call('GET /models/:model/versions/:version', reference);
  const path = await withOwnProgress('copying', (onRead) => downloadVersion(client, detail, onRead));
  session.print({ path }, () => [session.screen.isTTY ? cleanText(path) : path]);
}
