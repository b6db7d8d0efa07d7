import type { ThinEvent } from '../../../protocol/events.ts';
import { actorText, eventLine } from './event-line.ts';
import { assertedLines } from './values.ts';
import type { Session } from '../session.ts';
import { table } from '../terminal/table.ts';
import { dateText } from '../../../shared/format.ts';

/** Formats events as a table with number, time, person and description. */
export function eventTable(session: Session, events: readonly ThinEvent[]): string[] {
  const columns = [
    { title: 'event', align: 'right' as const, least: 5 },
    { title: 'when', least: 16 },
    { title: 'by' },
    { title: 'what', least: 16 },
  ];
  const rows = events.map((event) => [String(event.seq), dateText(event.at), actorText(event.actor), eventLine(event)]);
  return [
    ...table(session.screen, columns, rows),
    ...assertedLines(events.map(({ actor, asserted }) => [actorText(actor), asserted])).map((line) =>
      session.screen.style('dim', line),
    ),
  ];
}
