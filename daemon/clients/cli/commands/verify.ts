import type { Command } from 'commander';
import type { LogHead, VerifyReply } from '../../../protocol/verify.ts';
import { exitCodes } from '../../../protocol/handshake.ts';
import { headOption, headText } from '../log-heads.ts';
import { split } from '../reference-args.ts';
import { withProgress } from '../terminal/progress.ts';
import type { Open, Session } from '../session.ts';
import { countOf, sizeText } from '../../../shared/format.ts';

interface VerifyOptions {
  head?: LogHead[];
  exportHead?: boolean;
}

/** Exit code for SIGINT in a shell. */
const interruptedCode = 130;

export function verify(program: Command, open: Open): void {
  program
    .command('verify [reference]')
    .description(
      'check the log, the tables and the checksum of every stored file, or of one model or version; exits with 65 if something is damaged; an interrupted check continues where it stopped',
    )
    .option(
      '--head <head>',
      'a head or receipt kept elsewhere (SEQ:HASH, or a file) that the log must still contain',
      headOption,
    )
    .option(
      '--export-head',
      'print the head of the log as SEQ:HASH, to be kept elsewhere, such as in git; check nothing',
    )
    .action(async (text: string | undefined, options: VerifyOptions) => {
      const session = open();
      if (options.exportHead === true) return exportHead(session);
      const request = { ...(text === undefined ? {} : split(text)), heads: options.head };
      const send = (): Promise<VerifyReply> => session.call('POST /verify', request);
      const stop = saysWhereItWas(session, text === undefined);
      const reply = await withProgress(session, 'verifying', stop.noting, send);
      stop.done();
      session.print(reply, () => verifyLines(session, reply));
      if (!reply.ok) process.exitCode = exitCodes.damaged;
    });
}

async function exportHead(session: Session): Promise<void> {
  const { items } = await session.call('GET /log', { limit: 1 });
  const head = items[0] ? { seq: items[0].seq, hash: items[0].hash } : { seq: 0, hash: '0'.repeat(64) };
  session.print(head, () => [headText(head)]);
}

/** Prints the progress on Ctrl+C. The service stops when the connection closes. */
function saysWhereItWas(
  session: Session,
  whole: boolean,
): { noting: (subject: string, note?: string) => boolean; done: () => void } {
  let last: string | undefined;
  const interrupted = (): void => {
    const far = last === undefined ? '' : `: verified ${last} so far`;
    const next = whole ? '; plinth verify continues from there' : '';
    const cleared = process.stderr.isTTY ? '\r\x1b[2K' : '';
    process.stderr.write(`${cleared}Interrupted${far}${next}.\n`);
    process.exit(interruptedCode);
  };
  if (!session.json) process.once('SIGINT', interrupted);
  return {
    noting: (_, note) => {
      last = note ?? last;
      return true;
    },
    done: () => process.removeListener('SIGINT', interrupted),
  };
}

function verifyLines(session: Session, reply: VerifyReply): string[] {
  const { style } = session.screen;
  const checked = [
    countOf(reply.events, 'event'),
    countOf(reply.versions, 'version'),
    countOf(reply.blobs, 'file'),
    sizeText(reply.bytes),
  ].join(', ');
  const since = new Date(reply.since).toLocaleString();
  const earlier = reply.earlier === 0 ? '' : `, ${reply.earlier} of them before this was interrupted, since ${since}`;
  const far = `verified ${reply.verified} of ${countOf(reply.total, 'blob')}${reply.verified < reply.total ? ' so far' : ''}${earlier}`;
  const head = style('dim', `${far} · head ${headText({ seq: reply.headSeq, hash: reply.head })}`);
  const external = reply.external.map(({ subject, detail }) => style('yellow', `${subject}: ${detail}`));
  if (reply.ok && reply.versions === 0 && external.length > 0) return [...external, head];
  if (reply.ok) return [`${style('green', 'sound')}: ${checked}`, ...external, head];
  if (reply.faults.length === 0) return [`no damage found yet: ${checked}`, ...external, head];
  const faults = reply.faults.map((fault) => style('red', `${fault.subject}: ${fault.detail}`));
  return [
    `${style('red', 'damaged')}: ${reply.faults.length} of what was checked (${checked})`,
    ...faults,
    ...fixLines(reply),
    ...external,
    head,
  ];
}

/** Lists the remedies of all faults, each once. */
function fixLines({ faults }: VerifyReply): string[] {
  return [...new Set(faults.flatMap(({ fix }) => (fix === undefined ? [] : [`→ ${fix}`])))];
}
