import { referenceTo } from '../../../shared/references.ts';
import type { ThinEvent } from '../../../protocol/events.ts';
import { eventDetails, eventText, fullNames, reasonOf, type Names } from '../../../shared/event-text.ts';

const names: Names = { ...fullNames, version: referenceTo };

/** Formats an event on one line: `registered churn@7 · scikit-learn · 6.2 kB`, `production of churn: v7 → v8 (lower loss)`. */
export function eventLine(event: Pick<ThinEvent, 'type' | 'model' | 'number' | 'body'>): string {
  const reason = reasonOf(event);
  const details = eventDetails(event);
  return `${eventText(event, names)}${details === '' ? '' : ` · ${details}`}${reason === '' ? '' : ` (${reason})`}`;
}
