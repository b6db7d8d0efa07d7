import * as l10n from '@vscode/l10n';
import type { ThinEvent } from '../../daemon/protocol/events.ts';
import { eventText, personOf, pointerText, reasonOf, type Names } from '../../daemon/shared/event-text.ts';
import { foldHistory, historyKindOf, sourcesText, versionsIn, type HistoryKind } from '../../daemon/shared/history.ts';
import { withoutDirection } from './text.ts';

/** For the page of one model, which does not repeat the model's name with each version and stage. */
const names: Names = { model: (name) => name, version: (_, number) => `v${number}`, pointer: (_, pointer) => pointer };

/** One line of a history. */
export interface HistoryEntry {
  seq: number;
  at: number;
  kind: HistoryKind;
  text: string;
  /** Numbers of the versions that the text names as `v7`. */
  versions: readonly number[];
  reason: string;
  /** Without the program that acted for the person. */
  who: string;
  /** Who it was, completely. */
  identity: string;
}

/** Returns what happened, in the given order, as sentences. */
export function historyOf(events: readonly ThinEvent[]): HistoryEntry[] {
  return foldHistory(events).map(({ event, sources }) => {
    const { seq, at, actor, asserted } = event;
    const identity = asserted === undefined ? actor : l10n.t('{0} ({1}, asserted)', actor, asserted);
    const text = `${withoutDirection(eventText(event, names))}${sourcesText(sources)}`;
    const [kind, versions] = [historyKindOf(event), versionsIn(event)];
    return { seq, at, kind, text, versions, reason: withoutDirection(reasonOf(event)), who: personOf(actor), identity };
  });
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
