import type { ThinEvent } from '../../daemon/protocol/events.ts';
import type { Json } from '../../daemon/protocol/json.ts';
import { say } from './say.ts';
import { plainText, timeText } from './text.ts';

/** Events as rows of when, what, by whom and number; those that are no news are left out. */
export function eventRows(events: readonly ThinEvent[]): string[][] {
  return events.flatMap((event) => {
    const text = eventText(event);
    return text === undefined ? [] : [[timeText(event.at), text, byText(event), String(event.seq)]];
  });
}

function byText({ actor, asserted }: ThinEvent): string {
  return asserted === undefined ? actor : say('{0} ({1}, asserted)', actor, asserted);
}

type Body = Record<string, Json>;

const texts: Partial<Record<ThinEvent['type'], (label: string, body: Body) => string | undefined>> = {
  'version.registered/1': (label) => say('{0} registered', label),
  'version.evidence/1': (label, body) => say('evidence for {0} from {1}', label, plainText(body['source'])),
  'version.staged/1': (label, body) => `${label}: ${plainText(body['before'])} → ${plainText(body['stage'])}`,
  'version.deleted/1': (label) => say('{0} deleted', label),
  'version.undeleted/1': (label) => say('{0} brought back', label),
  'version.damaged/1': (label) => say('{0} is damaged', label),
  'version.healed/1': (label) => say('{0} is sound again', label),
  'approval.asked/1': (label, body) => say('{0}: approval asked for {1}', label, placeText(body)),
  'approval.given/1': (label, body) =>
    body['decision'] === 'rejected'
      ? say('{0} rejected for {1}', label, placeText(body))
      : say('{0} approved for {1}', label, placeText(body)),
  'deployment.started/1': (label, body) => say('{0}: deployment for {1} begun', label, placeText(body)),
  'deployment.finished/1': (label, body) =>
    body['problem'] === null
      ? say('{0} deployed for {1}', label, placeText(body))
      : say('{0} not deployed for {1}: {2}', label, placeText(body), plainText(body['problem'])),
  'model.policy/1': (_, body) => say('follows {0}', plainText(body['path'])),
  'model.card/1': () => say('card written'),
  'model.created/1': () => say('model created'),
  'model.renamed/1': (_, body) => say('renamed from {0}', plainText(body['before'])),
  'pointer.moved/1': (_, body) => moveText(body),
};

function eventText({ type, number, body }: ThinEvent): string | undefined {
  const reason = typeof body['reason'] === 'string' && body['reason'] !== '' ? ` · “${body['reason']}”` : '';
  const text = texts[type]?.(`v${number ?? ''}`, body);
  return text === undefined ? undefined : `${text}${reason}`;
}

/** By whom and why a version was put somewhere past its gates; undefined of every other event. */
export function bypassText({ type, actor, body }: ThinEvent): string | undefined {
  if (type !== 'pointer.moved/1' || body['bypassed'] !== true) return undefined;
  const text = say(
    'Promoted to {0} past failed gates by {1}: “{2}”.',
    placeText(body),
    actor,
    plainText(body['reason']),
  );
  return text;
}

function placeText(body: Body): string {
  return `${body['kind'] === 'alias' ? '@' : ''}${plainText(body['name'])}`;
}

function moveText(body: Body): string | undefined {
  const pointer = placeText(body);
  const step = `${pointer} ${holderText(body['before'])} → ${holderText(body['after'])}`;
  if (body['cause'] === 'rollback') return say('rolled back: {0}', step);
  if (body['cause'] === 'undo') return say('undone: {0}', step);
  if (body['cause'] === 'left') return undefined;
  return body['bypassed'] === true ? say('{0}, past failed gates', step) : step;
}

function holderText(state: Json | undefined): string {
  const holder = typeof state === 'object' && state !== null && !Array.isArray(state) ? state['holder'] : null;
  return typeof holder === 'number' ? `v${holder}` : say('nobody');
}
