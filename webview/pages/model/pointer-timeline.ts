import type { ThinEvent } from '../../../daemon/protocol/events.ts';
import type { Json } from '../../../daemon/protocol/json.ts';
import { pointerText } from '../../../daemon/shared/event-text.ts';

/** A period in which a version held a stage or alias. */
export interface Span {
  version: number;
  from: number;
  /** Null while it still holds it. */
  to: number | null;
}

/** Returns which version held each stage and alias when, from the recorded moves (newest first). */
export function lanesOf(history: readonly ThinEvent[]): Map<string, Span[]> {
  const lanes = new Map<string, Span[]>();
  for (const { type, at, body } of history.toReversed()) {
    if (type !== 'pointer.moved/1') continue;
    const name = pointerText(body);
    const spans = lanes.get(name) ?? [];
    lanes.set(name, spans);
    const open = spans.at(-1);
    if (open?.to === null) open.to = at;
    const version = currentVersionOf(body['after']);
    if (version !== null) spans.push({ version, from: at, to: null });
  }
  return lanes;
}

function currentVersionOf(state: Json | undefined): number | null {
  const holder = typeof state === 'object' && state !== null && !Array.isArray(state) ? state['holder'] : null;
  return typeof holder === 'number' ? holder : null;
}
