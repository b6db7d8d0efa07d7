import * as l10n from '@vscode/l10n';
import type { EventType, ThinEvent } from '../protocol/events.ts';
import { isNews } from './event-text.ts';

/** What a history shows of a model's events, the same on every surface. Pure. */

/** What an event is about, for filters: where versions stand, what became of them, reviews, what people wrote, and all others. */
export type HistoryKind = 'stages' | 'versions' | 'reviews' | 'texts' | 'other';

export const historyKinds: readonly HistoryKind[] = ['stages', 'versions', 'reviews', 'texts', 'other'];

/** An event of a history, and how many sources of evidence were recorded for the version that it registered. */
export interface HistoryEvent {
  event: ThinEvent;
  sources: number;
}

/**
 * Returns what happened, in the given order: moves, reviews and what people wrote. Evidence is counted with the registration of its
 * version; other bookkeeping is left out.
 */
export function foldHistory(events: readonly ThinEvent[]): HistoryEvent[] {
  const sources = sourcesByVersion(events);
  return events.filter(isInHistory).map((event) => ({
    event,
    sources: event.type === 'version.registered/1' ? (sources.get(versionKey(event))?.size ?? 0) : 0,
  }));
}

/** Descriptions are no news in an activity view, but they are words of a person. */
function isInHistory(event: ThinEvent): boolean {
  return isNews(event) || event.type === 'model.described/1' || event.type === 'version.described/1';
}

/** Formats what was folded into an entry: ` (5 sources)`; empty for none. */
export function sourcesText(count: number): string {
  if (count === 0) return '';
  return ` (${count === 1 ? l10n.t('1 source') : l10n.t('{0} sources', count)})`;
}

function sourcesByVersion(events: readonly ThinEvent[]): Map<string, Set<string>> {
  const sources = new Map<string, Set<string>>();
  for (const event of events) {
    if (event.type !== 'version.evidence/1' || event.number === null) continue;
    const key = versionKey(event);
    sources.set(key, (sources.get(key) ?? new Set()).add(JSON.stringify(event.body['source'])));
  }
  return sources;
}

function versionKey({ model, number }: ThinEvent): string {
  return `${model} ${number}`;
}

const ownKinds: Partial<Record<EventType, HistoryKind>> = {
  'model.card/1': 'texts',
  'model.described/1': 'texts',
  'version.described/1': 'texts',
  'version.commented/1': 'texts',
  'version.staged/1': 'stages',
};

export function historyKindOf({ type }: Pick<ThinEvent, 'type'>): HistoryKind {
  if (type.startsWith('pointer.') || type.startsWith('deployment.')) return 'stages';
  if (type.startsWith('approval.')) return 'reviews';
  return ownKinds[type] ?? (type.startsWith('version.') ? 'versions' : 'other');
}

/** Returns the numbers of the versions that an event names, without those of other models. */
export function versionsIn({ number, body }: Pick<ThinEvent, 'number' | 'body'>): number[] {
  const holders = [body['before'], body['after']].map((state) =>
    typeof state === 'object' && state !== null && !Array.isArray(state) ? state['holder'] : null,
  );
  return [...new Set([number, ...holders].filter((one) => typeof one === 'number'))];
}
