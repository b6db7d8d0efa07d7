import type { Follower } from '../../client/follow.ts';
import type { StreamMessage } from '../../../protocol/stream.ts';
import { cutTo } from './table.ts';
import type { Session } from '../session.ts';
import { sizeText } from '../../../shared/format.ts';

const showAfterMs = 300;
const barWidth = 24;

/** Runs work, and shows its progress on standard error if that is a terminal and the work takes longer than 300 ms. */
export async function withProgress<T>(
  session: Session,
  doing: string,
  concerns: (subject: string, note?: string) => boolean,
  work: () => Promise<T>,
): Promise<T> {
  if (process.stderr.isTTY !== true) return work();
  const began = performance.now();
  let shown = false;
  const follower = await following(session, (message) => {
    if (message.kind !== 'progress' || !concerns(message.subject, message.note)) return;
    if (performance.now() - began < showAfterMs) return;
    shown = true;
    process.stderr.write(`\r\x1b[2K${bar(doing, message)}`);
  });
  try {
    return await work();
  } finally {
    follower.close();
    if (shown) process.stderr.write('\r\x1b[2K');
  }
}

/** Runs work that says itself how far it is, and shows that in the same way. */
export async function withOwnProgress<T>(
  doing: string,
  work: (onDone: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  if (process.stderr.isTTY !== true) return work(() => undefined);
  const began = performance.now();
  let shownAt = 0;
  try {
    return await work((done, total) => {
      const now = performance.now();
      if (now - began < showAfterMs || now - shownAt < redrawMs) return;
      shownAt = now;
      process.stderr.write(`\r\x1b[2K${bar(doing, { done, total })}`);
    });
  } finally {
    if (shownAt > 0) process.stderr.write('\r\x1b[2K');
  }
}

const redrawMs = 100;

async function following(session: Session, onMessage: (message: StreamMessage) => void): Promise<Follower> {
  const { follow } = await import('../../client/follow.ts');
  const client = await session.client();
  return follow({ find: async () => client.daemon, onMessage, kind: 'cli' });
}

function bar(doing: string, message: { done: number; total: number; note?: string }): string {
  const share = message.total > 0 ? Math.min(1, message.done / message.total) : 1;
  const full = Math.round(share * barWidth);
  const drawn = `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`;
  const of = message.note === undefined ? `of ${sizeText(message.total)}` : `· ${message.note}`;
  const text = `${doing} ${drawn} ${Math.floor(share * 100)} % ${of}`;
  return cutTo(text, (process.stderr.columns || 80) - 1);
}
