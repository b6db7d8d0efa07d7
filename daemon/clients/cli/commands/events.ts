import { personOf } from '../../../shared/event-text.ts';
import type { Command } from 'commander';
import { reach } from '../../client/launch.ts';
import type { StreamMessage } from '../../../protocol/stream.ts';
import { clean } from '../terminal/sanitize.ts';
import { eventLine } from '../text/event-line.ts';
import { eventTable } from '../text/event-table.ts';
import { countOption } from '../terminal/options.ts';
import { readAllPages } from '../../../shared/paging.ts';
import { jsonText, type Open, type Session } from '../session.ts';
import { dateText, spanText } from '../../../shared/format.ts';

interface EventOptions {
  follow?: boolean;
  limit?: number;
}

export function events(program: Command, open: Open): void {
  program
    .command('events')
    .description('list the newest events, or follow them as they happen')
    .option('--follow', 'print each event as it happens, until stopped')
    .option('--limit <number>', 'at most this many events (default: 50)', countOption)
    .action((options: EventOptions) =>
      options.follow ? followEvents(open()) : listEvents(open(), options.limit ?? 50),
    );
}

async function listEvents(session: Session, limit: number): Promise<void> {
  const page = await readAllPages((part) => session.call('GET /log', part), limit);
  session.print(page, () => (page.items.length === 0 ? ['nothing has happened yet'] : eventTable(session, page.items)));
}

/** Prints events until Ctrl+C. With `--json`, prints every message of the stream on one line. */
async function followEvents(session: Session): Promise<void> {
  const { follow } = await import('../../client/follow.ts');
  const { dataFolder, screen, url } = session;
  const follower = follow({
    find: async () => (await (url === undefined ? reach(dataFolder, 'cli') : session.client())).daemon,
    kind: 'cli',
    onMessage: (message) => (session.json ? screen.line(jsonText(message, false)) : say(session, clean(message))),
    onLost: (reason, retryMs) =>
      process.stderr.write(`plinth: ${reason}; again in ${retryMs < 1000 ? `${retryMs} ms` : spanText(retryMs)}\n`),
  });
  const ended = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.resolve());
  await ended.promise;
  follower.close();
}

function say(session: Session, message: StreamMessage): void {
  if (message.kind === 'resync') return session.screen.line('the registry was replaced; what follows is another log');
  if (message.kind !== 'event') return;
  const { event } = message;
  session.screen.line(
    `${String(event.seq).padStart(5)}  ${dateText(event.at)}  ${personOf(event.actor)}  ${eventLine(event)}`,
  );
}
