import * as l10n from '@vscode/l10n';
import type { ThinEvent } from '../../daemon/protocol/events.ts';
import { eventText, isNews, pointerText, reasonOf, type Names } from '../../daemon/shared/event-text.ts';
import { withoutDirection } from './text.ts';

/** For the page of one model, which does not repeat the model's name with each version. */
const names: Names = { model: (name) => name, version: (_, number) => `v${number}` };

/** One line of a history. */
export interface HistoryEntry {
  seq: number;
  at: number;
  text: string;
  reason: string;
  /** Without the program that acted for the person. */
  who: string;
  /** Who it was, completely. */
  identity: string;
}

/** Returns what happened, in the given order: moves, reviews and words. Evidence is folded into the registration of its version. */
export function historyOf(events: readonly ThinEvent[]): HistoryEntry[] {
  const sources = sourcesByVersion(events);
  return events.filter(isNews).map((event) => {
    const { seq, at, actor, asserted, type, number } = event;
    const count = type === 'version.registered/1' ? (sources.get(number ?? 0) ?? 0) : 0;
    const identity = asserted === undefined ? actor : l10n.t('{0} ({1}, asserted)', actor, asserted);
    const text = `${withoutDirection(eventText(event, names))}${sourceCount(count)}`;
    return { seq, at, text, reason: withoutDirection(reasonOf(event)), who: personOf(actor), identity };
  });
}

function sourceCount(count: number): string {
  if (count === 0) return '';
  return ` (${count === 1 ? l10n.t('1 source') : l10n.t('{0} sources', count)})`;
}

/** Returns how many sources of evidence were recorded for each version. */
function sourcesByVersion(events: readonly ThinEvent[]): Map<number, number> {
  const sources = new Map<number, Set<string>>();
  for (const { type, number, body } of events) {
    if (type !== 'version.evidence/1' || number === null) continue;
    sources.set(number, (sources.get(number) ?? new Set()).add(JSON.stringify(body['source'])));
  }
  return new Map([...sources].map(([number, known]) => [number, known.size]));
}

/** Returns a person without the program that acted for them: `ana` for `ana/cli`. */
export function personOf(actor: string): string {
  return actor.replace(/\/.*$/s, '');
}

/** Says who bypassed failed gates and why; undefined for every other event. */
export function bypassText(event: ThinEvent): string | undefined {
  if (event.type !== 'pointer.moved/1' || event.body['bypassed'] !== true) return undefined;
  return l10n.t(
    'Promoted to {0} with gates overridden by {1}: “{2}”.',
    pointerText(event.body),
    event.actor,
    reasonOf(event),
  );
}
