import type { ThinEvent } from '../../../daemon/protocol/events.ts';
import { eventText, isNews, personOf, reasonOf } from '../../../daemon/shared/event-text.ts';
import { isUndoable } from '../../undoable-events.ts';
import type { Mirror } from '../../mirror/reducer.ts';
import * as l10n from '@vscode/l10n';
import { leaf, type Node } from '../nodes.ts';
import { ageText, exactTimeText, recentDayText } from '../../../daemon/shared/format.ts';

interface Line {
  at: number;
  node: Node;
}

/** Lists events by day, newest first; empty days are left out. */
export function activityNodes(mirror: Mirror, now: number): Node[] {
  const undone = new Set(mirror.activity.map(({ body }) => body['undoes']));
  const events = mirror.activity.flatMap((event) => eventLine(event, undone.has(event.seq), now));
  const days = new Map<string, Node[]>();
  for (const { at, node } of events.toSorted((a, b) => b.at - a.at)) {
    const day = recentDayText(at, now);
    days.set(day, [...(days.get(day) ?? []), node]);
  }
  return [...days].map(([day, children], index) => ({
    ...leaf(`day:${day}`, day, '', 'calendar'),
    context: 'day',
    children,
    open: index === 0,
  }));
}

function eventLine(event: ThinEvent, isUndone: boolean, now: number): Line[] {
  if (!isNews(event)) return [];
  const label = eventText(event);
  const reason = reasonOf(event);
  const description = [
    l10n.t('by {0}', personOf(event.actor)),
    reason === '' ? '' : `"${reason}"`,
    isUndone ? l10n.t('undone') : '',
    ageText(event.at, now),
  ];
  const node: Node = {
    id: `event:${event.seq}`,
    label,
    description: description.filter((part) => part !== '').join(' · '),
    icon: iconOf(event),
    tooltip: `${label}\n${exactTimeText(event.at)} · ${event.actor}${event.asserted === undefined ? '' : ` (${l10n.t('{0}, asserted', event.asserted)})`}\n${reason}\n${l10n.t('event {0}', event.seq)} · ${event.type}\n${event.hash}`,
    context: contextOf(event, isUndone),
    subject: { kind: 'event', event },
  };
  return [{ at: event.at, node }];
}

function contextOf(event: ThinEvent, isUndone: boolean): string {
  const about = event.type === 'root.watched/1' ? 'root' : event.number === null ? 'other' : 'version';
  return `event.${about}${isUndoable(event) && !isUndone ? '.undoable' : ''}`;
}

function iconOf({ type, body }: ThinEvent): string {
  if (type === 'deployment.finished/1') return body['problem'] === null ? 'cloud-upload' : 'error';
  if (type === 'pointer.moved/1')
    return body['cause'] === 'rollback' || body['cause'] === 'undo' ? 'discard' : 'rocket';
  const icons: Partial<Record<ThinEvent['type'], string>> = {
    'version.registered/1': 'package',
    'version.completed/1': 'package',
    'version.damaged/1': 'error',
    'version.deleted/1': 'trash',
    'root.watched/1': 'eye',
    'root.paused/1': 'debug-pause',
    'root.resumed/1': 'eye',
    'root.unwatched/1': 'eye-closed',
  };
  return icons[type] ?? 'circle-small-filled';
}
