import type { Command } from 'commander';
import type { VerifyReply } from '../protocol/routes.ts';
import { exitCodes } from '../protocol/handshake.ts';
import { countOf, sizeText } from './format.ts';
import { split } from './reference.ts';
import { withProgress } from './progress.ts';
import type { Open, Session } from './session.ts';

export function verify(program: Command, open: Open): void {
  program
    .command('verify [reference]')
    .description(
      're-hash the log and every stored byte, or those of a model or version; leaves with 65 where something is damaged',
    )
    .action(async (text: string | undefined) => {
      const session = open();
      const request = text === undefined ? {} : split(text);
      const send = (): Promise<VerifyReply> => session.call('POST /verify', request);
      const reply = await withProgress(session, 'verifying', () => true, send);
      session.print(reply, () => verifyLines(session, reply));
      if (!reply.ok) process.exitCode = exitCodes.damaged;
    });
}

function verifyLines(session: Session, reply: VerifyReply): string[] {
  const { style } = session.screen;
  const checked = [
    countOf(reply.events, 'event'),
    countOf(reply.versions, 'version'),
    countOf(reply.blobs, 'file'),
    sizeText(reply.bytes),
  ].join(', ');
  const head = style('dim', `head ${reply.head}`);
  if (reply.ok) return [`${style('green', 'sound')}: ${checked}`, head];
  const faults = reply.faults.map((fault) => style('red', `${fault.subject}: ${fault.detail}`));
  return [`${style('red', 'damaged')}: ${reply.faults.length} of what was checked (${checked})`, ...faults, head];
}
