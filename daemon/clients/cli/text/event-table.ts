import { personOf } from '../../../shared/event-text.ts';
import type { ThinEvent } from '../../../protocol/events.ts';
import { eventLine } from './event-line.ts';
import { assertedLines } from './values.ts';
import type { Session } from '../session.ts';
import { table } from '../terminal/table.ts';
import { sourcesText, type HistoryEvent } from '../../../shared/history.ts';
import { dateText } from '../../../shared/format.ts';

/** Formats events as a table with number, time, person and description. */
export function eventTable(session: Session, events: readonly ThinEvent[]): string[] {
  return historyTable(
    session,
    events.map((event) => ({ event, sources: 0 })),
  );
}

/** Formats a history as a table, with the sources that were folded into each registration. */
export function historyTable(session: Session, entries: readonly HistoryEvent[]): string[] {
  const columns = [
    { title: 'event', align: 'right' as const, least: 5 },
    { title: 'when', least: 16 },
    { title: 'by' },
    { title: 'what', least: 16 },
  ];
  const rows = entries.map(({ event, sources }) => [
    String(event.seq),
    dateText(event.at),
    personOf(event.actor),
    `${eventLine(event)}${sourcesText(sources)}`,
  ]);
  return [
    ...table(session.screen, columns, rows),
    ...assertedLines(entries.map(({ event: { actor, asserted } }) => [personOf(actor), asserted])).map((line) =>
      session.screen.style('dim', line),
    ),
  ];
}
