import { referenceTo } from '../../../shared/references.ts';
import type { ThinEvent } from '../../../protocol/events.ts';
import { eventDetails, eventText, reasonOf, type Names } from '../../../shared/event-text.ts';

const names: Names = { model: (name) => name, version: referenceTo };

/** An event on one line of a terminal: `registered churn@7 · scikit-learn · 6.2 kB`, `production of churn: v7 → v8 (lower loss)`. */
export function eventLine(event: Pick<ThinEvent, 'type' | 'model' | 'number' | 'body'>): string {
  const reason = reasonOf(event);
  const details = eventDetails(event);
  return `${eventText(event, names)}${details === '' ? '' : ` · ${details}`}${reason === '' ? '' : ` (${reason})`}`;
}

/** `ana` of `ana/cli`; what the daemon did by itself has no such slash. */
export function actorText(actor: string): string {
  return actor.split('/', 1)[0] ?? actor;
}
