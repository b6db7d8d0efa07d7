import type { ThinEvent } from '../../../daemon/protocol/events.ts';
import { eventText, isNews, reasonOf } from '../../../daemon/shared/event-text.ts';
import { isUndoable } from '../../undoable-events.ts';
import type { Mirror, Scan } from '../../mirror/reducer.ts';
import * as l10n from '@vscode/l10n';
import { baseName, leaf, type Node } from '../nodes.ts';
import { ageText } from '../../../daemon/shared/format.ts';

interface Line {
  at: number;
  node: Node;
}

/** Lists events by day, newest first; empty days are left out. */
export function activityNodes(mirror: Mirror, now: number): Node[] {
  const undone = new Set(mirror.activity.map(({ body }) => body['undoes']));
  const events = mirror.activity.flatMap((event) => eventLine(event, undone.has(event.seq), now));
  const scans = mirror.scans.filter(({ files }) => files > 0).map((scan) => scanLine(scan, now));
  const days = new Map<string, Node[]>();
  for (const { at, node } of [...events, ...scans].toSorted((a, b) => b.at - a.at)) {
    const day = dayOf(at, now);
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
    l10n.t('by {0}', event.actor),
    reason === '' ? '' : `"${reason}"`,
    isUndone ? l10n.t('undone') : '',
    ageText(event.at, now),
  ];
  const node: Node = {
    id: `event:${event.seq}`,
    label,
    description: description.filter((part) => part !== '').join(' · '),
    icon: iconOf(event),
    tooltip: `${label}\n${new Date(event.at).toLocaleString()} · ${event.actor}${event.asserted === undefined ? '' : ` (${l10n.t('{0}, asserted', event.asserted)})`}\n${reason}\n${l10n.t('event {0}', event.seq)} · ${event.type}\n${event.hash}`,
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

function scanLine(scan: Scan, now: number): Line {
  const label = l10n.t('scan of {0} finished', baseName(scan.root));
  const description = `${l10n.t('{0} files in {1} s', scan.files, (scan.tookMs / 1000).toFixed(1))} · ${ageText(scan.at, now)}`;
  return {
    at: scan.at,
    node: { ...leaf(`scan:${scan.root}:${scan.at}`, label, description, 'search'), tooltip: scan.root },
  };
}

function dayOf(at: number, now: number): string {
  const start = (time: number): number => new Date(time).setHours(0, 0, 0, 0);
  const days = Math.round((start(now) - start(at)) / 86_400_000);
  if (days <= 0) return l10n.t('Today');
  return days === 1 ? l10n.t('Yesterday') : new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium' });
}
