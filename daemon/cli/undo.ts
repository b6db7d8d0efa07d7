import { userInfo } from 'node:os';
import { InvalidArgumentError, type Command } from 'commander';
import type { ThinEvent } from '../protocol/events.ts';
import { UsageError } from './exit.ts';
import { allPages } from './pages.ts';
import { eventText } from './event-text.ts';
import { clean } from './clean.ts';
import type { Open, Session } from './session.ts';

export function undo(program: Command, open: Open): void {
  program
    .command('undo [event]')
    .description(
      'take back an event: your newest promotion, rollback, alias, stage, deletion, renaming or description, where none is named',
    )
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
  throw new InvalidArgumentError(`an event is named by its number, not ${JSON.stringify(text)}`);
}

const undoable = new Set<ThinEvent['type']>([
  'pointer.moved/1',
  'version.staged/1',
  'version.deleted/1',
  'model.renamed/1',
  'model.described/1',
]);
const lookBack = 1000;

/** The newest event of this user, through whichever client, that can be undone and was not undone yet. */
async function newestOwn(session: Session): Promise<{ seq: number; text: string }> {
  const page = await allPages((part) => session.call('GET /log', part), lookBack);
  const event = page.items.find(
    (one) => isOwn(one) && isUndoable(one) && !page.items.some((other) => other.body['undoes'] === one.seq),
  );
  if (event) return { seq: event.seq, text: eventText(clean(event)) };
  throw new UsageError('there is nothing of yours to undo; events are listed by: plinth events');
}

function isOwn(event: ThinEvent): boolean {
  return event.actor.startsWith(`${userInfo().username}/`);
}

function isUndoable({ type, body }: ThinEvent): boolean {
  const isUndo = typeof body['undoes'] === 'number';
  return undoable.has(type) && !isUndo && body['cause'] !== 'left' && body['cause'] !== 'undo';
}
