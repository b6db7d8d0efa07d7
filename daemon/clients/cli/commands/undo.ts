import { InvalidArgumentError, type Command } from 'commander';
import { currentUser } from '../../../runtime/current-user.ts';
import type { ThinEvent } from '../../../protocol/events.ts';
import { UsageError } from '../exit.ts';
import { readAllPages } from '../../../shared/paging.ts';
import { eventLine } from '../text/event-line.ts';
import { clean } from '../terminal/sanitize.ts';
import type { Open, Session } from '../session.ts';

export function undo(program: Command, open: Open): void {
  program
    .command('undo [event]')
    .description('undo an event (default: your latest change)')
    .action(async (seq: string | undefined) => {
      const session = open();
      const chosen = seq === undefined ? await newestOwn(session) : { seq: eventNumber(seq), text: '' };
      const reply = await session.call('POST /undo', { seq: chosen.seq });
      const what = chosen.text === '' ? reply.type : chosen.text;
      session.print(reply, () => [`undid event ${reply.undone}: ${what} · event ${reply.seq}`]);
    });
}

function eventNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`Give the number of an event, not ${JSON.stringify(text)}.`);
}

const undoable = new Set<ThinEvent['type']>([
  'pointer.moved/1',
  'version.staged/1',
  'version.deleted/1',
  'model.deleted/1',
  'model.renamed/1',
  'model.merged/1',
  'model.described/1',
  'model.metrics/1',
]);
const lookBack = 1000;

/** Returns this user's newest event, by any client, that can be undone and was not. Throws if there is none. */
async function newestOwn(session: Session): Promise<{ seq: number; text: string }> {
  const page = await readAllPages((part) => session.call('GET /log', part), lookBack);
  const undone = undoneIn(page.items);
  const event = page.items.find((one) => isOwn(one) && isUndoable(one) && !undone.has(one.seq));
  if (event) return { seq: event.seq, text: eventLine(clean(event)) };
  throw new UsageError('None of your changes can be undone. List the events with: plinth events');
}

/**
 * Returns the events (newest first) that a later one has undone, including those by which an earlier text was restored, which do
 * not refer to the event.
 */
function undoneIn(events: readonly ThinEvent[]): Set<unknown> {
  const undone = new Set<unknown>(events.map((event) => event.body['undoes']));
  for (const [at, event] of events.entries()) {
    if (undone.has(event.seq)) continue;
    const earlier = events
      .slice(at + 1)
      .find((one) => one.type === event.type && one.body['model'] === event.body['model']);
    if (earlier && isInverse(event, earlier)) undone.add(event.seq).add(earlier.seq);
  }
  return undone;
}

/** True if one event restored the name, description or pinned metrics that the other had changed. */
function isInverse({ type, body }: ThinEvent, { body: other }: ThinEvent): boolean {
  const keys: Partial<Record<ThinEvent['type'], string>> = {
    'model.renamed/1': 'name',
    'model.described/1': 'description',
    'model.metrics/1': 'metrics',
  };
  const key = keys[type];
  const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  return key !== undefined && isSame(body[key], other['before']) && isSame(body['before'], other[key]);
}

function isOwn(event: ThinEvent): boolean {
  return event.actor.startsWith(`${currentUser()}/`);
}

function isUndoable({ type, body }: ThinEvent): boolean {
  const isUndo = typeof body['undoes'] === 'number';
  return undoable.has(type) && !isUndo && body['cause'] !== 'left' && body['cause'] !== 'undo';
}
