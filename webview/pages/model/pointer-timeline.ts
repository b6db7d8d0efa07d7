import type { ThinEvent } from '../../../daemon/protocol/events.ts';
import type { Json } from '../../../daemon/protocol/json.ts';
import { pointerText, reasonOf } from '../../../daemon/shared/event-text.ts';

/** A period in which a version held a stage or alias. */
export interface Span {
  version: number;
  from: number;
  /** Null while it still holds it. */
  to: number | null;
  /** True if a rollback brought it. */
  isRollback: boolean;
  actor: string;
  reason: string;
}

/** Returns which version held each stage and alias when, from the recorded moves (newest first). Stages come before aliases. */
export function lanesOf(history: readonly ThinEvent[]): Map<string, Span[]> {
  const lanes = new Map<string, Span[]>();
  for (const event of history.toReversed()) {
    const { type, at, actor, body } = event;
    if (type !== 'pointer.moved/1') continue;
    const name = pointerText(body);
    const spans = lanes.get(name) ?? [];
    lanes.set(name, spans);
    const version = currentVersionIn(body['after']);
    const open = spans.at(-1);
    if (open?.to === null && open.version === version) continue;
    if (open?.to === null) open.to = at;
    const isRollback = body['cause'] === 'rollback';
    if (version !== null) spans.push({ version, from: at, to: null, isRollback, actor, reason: reasonOf(event) });
  }
  return new Map([...lanes].toSorted(([a], [b]) => rankOf(a) - rankOf(b)));
}

function rankOf(lane: string): number {
  const at = ['production', 'staging'].indexOf(lane);
  if (at >= 0) return at;
  return lane.startsWith('@') ? 3 : 2;
}

/** Returns the number of the current version in a recorded state of a stage or alias; null for none. */
export function currentVersionIn(state: Json | undefined): number | null {
  const holder = typeof state === 'object' && state !== null && !Array.isArray(state) ? state['holder'] : null;
  return typeof holder === 'number' ? holder : null;
}
