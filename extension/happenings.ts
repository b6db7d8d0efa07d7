import type { EventType, ThinEvent } from '../daemon/protocol/events.ts';
import type { Json } from '../daemon/protocol/json.ts';
import { pointerLabel } from './labels.ts';
import { say } from './words.ts';

type Body = Record<string, Json>;

/** The reason that was given for an event; empty where none was. */
export function reasonOf(event: ThinEvent): string {
  const reason = event.body['reason'];
  return typeof reason === 'string' ? reason : '';
}

const texts: Partial<Record<EventType, (label: string, body: Body, event: ThinEvent) => string | undefined>> = {
  'version.registered/1': (label) => say('{0} registered', label),
  'pointer.moved/1': (_, body, event) => moved(event, body),
  'version.staged/1': (label, { stage }) =>
    stage === 'archived' ? say('{0} archived', label) : say('{0} back in {1}', label, text(stage)),
  'version.deleted/1': (label) => say('{0} deleted', label),
  'version.undeleted/1': (label) => say('{0} brought back', label),
  'version.purged/1': (label) => say('the bytes of {0} were removed', label),
  'version.moved/1': (label) => say('{0} moved to another model', label),
  'version.damaged/1': (label, { detail }) => say('{0} is damaged: {1}', label, text(detail)),
  'version.healed/1': (label) => say('{0} is sound again', label),
  'approval.asked/1': (label, body) => say('{0}: approval asked for {1}', label, placeText(body)),
  'approval.given/1': (label, body) =>
    body['decision'] === 'rejected'
      ? say('{0} rejected for {1}', label, placeText(body))
      : say('{0} approved for {1}', label, placeText(body)),
  'deployment.finished/1': (label, body) =>
    body['problem'] === null
      ? say('{0} deployed for {1}', label, placeText(body))
      : say('{0} not deployed for {1}: {2}', label, placeText(body), text(body['problem'])),
  'version.commented/1': (label, body) => say('{0}: {1}', label, text(body['text'])),
  'model.deleted/1': (_, body) => say('{0} deleted', text(body['name'])),
  'model.card/1': (_, __, event) => say('the card of {0} was written', event.model ?? ''),
  'model.renamed/1': (_, body, event) => say('{0} renamed {1}', text(body['before']), event.model ?? ''),
  'root.watched/1': (_, body) => say('watching {0}', text(body['path'])),
  'root.paused/1': (_, body) => say('paused watching {0}', text(body['path'])),
  'root.resumed/1': (_, body) => say('watching {0} again', text(body['path'])),
  'root.unwatched/1': (_, body) => say('stopped watching {0}', text(body['path'])),
  'pattern.ignored/1': (_, body) => say('ignoring {0}', text(body['pattern'])),
};

function placeText(body: Body): string {
  return pointerLabel({ kind: body['kind'] === 'alias' ? 'alias' : 'stage', name: text(body['name']) });
}

function text(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '…';
}

/** One line of Activity; undefined for events that are no news by themselves. */
export function happening(event: ThinEvent): string | undefined {
  const label = `${event.model ?? ''}${event.number === null ? '' : ` v${event.number}`}`;
  return texts[event.type]?.(label, event.body, event);
}

function moved(event: ThinEvent, body: Body): string | undefined {
  if (body['cause'] === 'left') return undefined;
  const holder = (side: string): string | undefined => {
    const state = body[side] as { holder?: number | null } | null | undefined;
    return typeof state?.holder === 'number' ? `v${state.holder}` : undefined;
  };
  const pointer = pointerLabel({ kind: body['kind'] === 'alias' ? 'alias' : 'stage', name: text(body['name']) });
  const step = [pointer, holder('before'), '→', holder('after') ?? say('nobody')].filter((part) => part).join(' ');
  if (body['cause'] === 'rollback') return say('{0} rolled back {1}', event.model ?? '', step);
  if (body['cause'] === 'undo') return say('{0} undone: {1}', event.model ?? '', step);
  const past = body['bypassed'] === true ? ` · ${say('past failed gates')}` : '';
  return `${event.model ?? ''} ${step}${past}`;
}

/** Events that one click takes back. */
export function isUndoable(event: ThinEvent): boolean {
  const { cause, undoes } = event.body;
  if (typeof undoes === 'number') return false;
  if (event.type === 'pointer.moved/1') return cause !== 'left' && cause !== 'undo';
  return ['version.staged/1', 'version.deleted/1', 'model.deleted/1', 'model.renamed/1', 'model.described/1'].includes(
    event.type,
  );
}

/** The last move of a version that was not taken back; undefined when there is none. */
export function newestTransition(activity: readonly ThinEvent[]): ThinEvent | undefined {
  const undone = new Set(activity.map(({ body }) => body['undoes']));
  const isMove = ({ type }: ThinEvent): boolean => type === 'pointer.moved/1' || type === 'version.staged/1';
  return activity.find((event) => isMove(event) && isUndoable(event) && !undone.has(event.seq));
}
