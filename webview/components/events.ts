import * as l10n from '@vscode/l10n';
import type { ThinEvent } from '../../daemon/protocol/events.ts';
import { eventText, isNews, pointerText, reasonOf, type Names } from '../../daemon/shared/event-text.ts';
import { timeText } from './text.ts';

/** For the page of one model, which does not repeat the model's name with each version. */
const names: Names = { model: (name) => name, version: (_, number) => `v${number}` };

/** Returns events as rows of time, text, actor and number. Bookkeeping is left out, except evidence. */
export function eventRows(events: readonly ThinEvent[]): string[][] {
  const shown = events.filter((event) => isNews(event) || event.type === 'version.evidence/1');
  return shown.map((event) => {
    const reason = reasonOf(event);
    const text = `${eventText(event, names)}${reason === '' ? '' : ` · “${reason}”`}`;
    return [timeText(event.at), text, byText(event), String(event.seq)];
  });
}

function byText({ actor, asserted }: ThinEvent): string {
  return asserted === undefined ? actor : l10n.t('{0} ({1}, asserted)', actor, asserted);
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
