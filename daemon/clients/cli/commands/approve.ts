import type { Command } from 'commander';
import type { Approval } from '../../../protocol/approval.ts';
import { assertedLines } from '../text/values.ts';
import { pointerOf, versionNamed } from '../reference-args.ts';
import type { Open, Session } from '../session.ts';
import { referenceTo } from '../../../shared/references.ts';
import { ageText } from '../../../shared/format.ts';
import { pointerText } from '../../../shared/event-text.ts';

interface Options {
  comment?: string;
  reason?: string;
  days?: number;
}

export function approve(program: Command, open: Open): void {
  program
    .command('approve <version> [pointer]')
    .description('approve a version for a stage (default: production) or an @alias')
    .option('--comment <text>', 'what you reviewed')
    .action(async (reference: string, pointer: string | undefined, { comment }: Options) => {
      const session = open();
      const request = { ...versionNamed(reference), ...pointerOf(pointer, undefined), comment };
      const reply = await session.call('POST /models/:model/versions/:version/approve', request);
      session.print(reply, () => [
        `approved ${reference} for ${pointer ?? 'production'} · event ${reply.seq}`,
        ...(reply.note === undefined ? [] : [reply.note]),
      ]);
    });
}

export function reject(program: Command, open: Open): void {
  program
    .command('reject <version> [pointer]')
    .description('reject a version for a stage or an @alias, until you approve it')
    .option('--comment <text>', 'requested changes (required)')
    .action(async (reference: string, pointer: string | undefined, { comment = '' }: Options) => {
      const session = open();
      const request = { ...versionNamed(reference), ...pointerOf(pointer, undefined), comment };
      const reply = await session.call('POST /models/:model/versions/:version/reject', request);
      session.print(reply, () => [`rejected ${reference} for ${pointer ?? 'production'} · event ${reply.seq}`]);
    });
}

export function approvals(program: Command, open: Open): void {
  program
    .command('approvals [version]')
    .description('list open approval requests, or the reviews of one version')
    .action(async (reference: string | undefined) => {
      const session = open();
      if (reference === undefined) return printWaiting(session);
      const reply = await session.call('GET /models/:model/versions/:version/approvals', versionNamed(reference));
      const none = `no reviews of ${reference}`;
      session.print(reply, () => (reply.approvals.length === 0 ? [none] : approvalLines(session, reply.approvals)));
    });
}

export function request(program: Command, open: Open): void {
  program
    .command('request <version> [pointer]')
    .description('request approval of a version for a stage or an @alias')
    .option('--reason <text>', 'reason')
    .option('--days <count>', 'days that the request stays open (default: 7)', Number)
    .action(async (reference: string, pointer: string | undefined, { reason, days }: Options) => {
      const session = open();
      const asked = { ...versionNamed(reference), ...pointerOf(pointer, undefined), reason, days };
      const reply = await session.call('POST /models/:model/versions/:version/ask-approval', asked);
      session.print(reply, () => [
        `asked for approval of ${reference} for ${pointer ?? 'production'} · event ${reply.seq}`,
      ]);
    });
}

async function printWaiting(session: Session): Promise<void> {
  const reply = await session.call('GET /approvals', {});
  session.print(reply, () =>
    reply.requests.length === 0
      ? ['nothing waits for approval']
      : [
          ...reply.requests.flatMap((one) => [
            `${referenceTo(one.model, one.number)}  ${line(session, one)}`,
            ...one.said.map((said) => `  ${line(session, said)}`),
          ]),
          ...whoTheySay(reply.requests.flatMap((one) => [one, ...one.said])),
        ],
  );
}

function line({ now }: Session, { decision, person, kind, name, text, at }: Approval): string {
  const pointer = pointerText({ kind, name });
  return `${decision} for ${pointer} by ${person} ${ageText(at, now)}${text === '' ? '' : `: ${text}`}`;
}

function whoTheySay(approvals: readonly Approval[]): string[] {
  return assertedLines(approvals.map(({ person, asserted }) => [person, asserted]));
}

/** Formats approval requests, approvals and rejections of a version, one a line. */
export function approvalLines(session: Session, approvals: readonly Approval[]): string[] {
  return [...approvals.map((one) => line(session, one)), ...whoTheySay(approvals)];
}
