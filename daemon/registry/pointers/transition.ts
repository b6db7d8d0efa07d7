import type { Context } from '../../context.ts';
import type { LoggedEvent } from '../../db/log.ts';
import { pointerOf, pointersOf, type ModelRow } from '../../db/models.ts';
import { evidenceOf } from '../../db/evidence.ts';
import { versionOf } from '../../db/versions.ts';
import { RegistryError } from '../../errors.ts';
import type { NewEvent, PointerState, TransitionBody } from '../../protocol/events.ts';
import type { GateResult, PolicyUsed } from '../../protocol/policy.ts';
import type { Pointer, PointerKind } from '../../protocol/model.ts';
import type { Receipt } from '../../protocol/routes/pointers.ts';
import type { Stack } from './pointer.ts';
import { currentVersionText, pointerText } from '../../shared/event-text.ts';

export interface Move {
  kind: PointerKind;
  name: string;
  reason: string;
  /** Current version that the client saw; null for none, undefined for any. */
  expect?: number | null | undefined;
  /** Moves although gates fail. Requires a reason and the right. */
  bypass?: boolean | undefined;
  /** True for an alias by an MLflow client, whose rules for aliases are wider. */
  foreign?: boolean;
}

/** Returns the pointer; an empty one if it was never set. */
export function pointerNow(ctx: Context, model: ModelRow, kind: PointerKind, name: string): Pointer {
  const empty: Pointer = { kind, name, holder: null, previous: [], seq: 0, at: 0, actor: '', reason: '' };
  return pointerOf(ctx.db, model.id, kind, name) ?? empty;
}

/** Throws `conflict` if the current version is not the one that the client saw. */
export function assertExpected(model: ModelRow, pointer: Pointer, move: Move): void {
  if (move.expect === undefined || move.expect === pointer.holder) return;
  const now = currentVersionText(pointer.holder);
  const seen = currentVersionText(move.expect);
  const text = `${pointerText(move)} of ${model.name} is ${now}, not ${seen}: ${pointer.actor || 'another user'} changed it. Check it, then repeat.`;
  throw new RegistryError('conflict', text, { pointer });
}

/** Gate results and policy on which a move was decided. */
export interface MoveDecision {
  gates: GateResult[];
  policy: PolicyUsed | null;
  bypassed?: boolean;
}

/** Returns the events of one move: the pointer's own and, for a stage, that of the exclusive stage that the version leaves. */
export function transitionEvents(
  ctx: Context,
  model: ModelRow,
  pointer: Pointer,
  next: Stack,
  move: Move,
  cause: TransitionBody['cause'],
  { gates, policy, bypassed }: MoveDecision,
): NewEvent[] {
  const touched = move.kind === 'stage' ? stagesAfter(ctx, model, pointer, next, move.name) : [];
  const body: TransitionBody = {
    model: model.id,
    kind: move.kind,
    name: move.name,
    cause,
    reason: move.reason,
    before: { holder: pointer.holder, previous: pointer.previous, stages: stagesNow(ctx, model, touched) },
    after: { ...next, stages: touched },
    gates,
    evidence: next.holder === null ? [] : evidenceOf(ctx.db, model.id, next.holder).map((evidence) => evidence.digest),
    policy: policy?.digest ?? null,
    ...(policy?.committed === false || policy?.committed === true ? { committed: policy.committed } : {}),
    ...(bypassed === true ? { bypassed } : {}),
    undoes: null,
  };
  const events: NewEvent[] = [{ type: 'pointer.moved/1', body }];
  return move.kind === 'stage' ? [...events, ...leaveEvents(ctx, model, next.holder, move)] : events;
}

/** Returns the new stages: the version enters the stage, and the current one before it is archived. */
function stagesAfter(ctx: Context, model: ModelRow, pointer: Pointer, next: Stack, stage: string): [number, string][] {
  const stages: [number, string][] = [];
  if (next.holder !== null) stages.push([next.holder, stage]);
  if (pointer.holder === null || pointer.holder === next.holder) return stages;
  const former = versionOf(ctx.db, model.id, pointer.holder);
  if (former?.stage === stage) stages.push([pointer.holder, 'archived']);
  return stages;
}

function stagesNow(ctx: Context, model: ModelRow, touched: [number, string][]): [number, string][] {
  return touched.map(([number]) => [number, versionOf(ctx.db, model.id, number)?.stage ?? 'development']);
}

/** Returns the event for the exclusive stage that a version leaves by entering another; empty for none. A version has one stage only. */
export function leaveEvents(
  ctx: Context,
  model: ModelRow,
  number: number | null,
  move: Pick<Move, 'name' | 'reason'>,
): NewEvent[] {
  if (number === null) return [];
  return pointersOf(ctx.db, model.id)
    .filter((held) => held.kind === 'stage' && held.holder === number && held.name !== move.name)
    .map((held) => leftEvent(model, held, move.reason));
}

function leftEvent(model: ModelRow, held: Pointer, reason: string): NewEvent {
  const before: PointerState = { holder: held.holder, previous: held.previous, stages: [] };
  const after: PointerState = { holder: null, previous: held.previous, stages: [] };
  const common = { model: model.id, kind: held.kind, name: held.name, reason };
  const rest = { before, after, gates: [], evidence: [], policy: null, undoes: null };
  return { type: 'pointer.moved/1', body: { ...common, cause: 'left', ...rest } };
}

/** Returns the receipt of a committed transition. With the chain's hash it proves the decision. */
export function receiptOf(model: ModelRow, event: LoggedEvent): Receipt {
  if (event.type !== 'pointer.moved/1') throw new Error(`event ${event.seq} is no transition`);
  const { kind, name, before, after, reason, gates, cause, policy, committed, bypassed } = event.body;
  const { seq, hash, at, actor } = event;
  return {
    changed: true,
    seq,
    hash,
    at,
    actor,
    model: model.name,
    kind,
    name,
    cause,
    from: before.holder,
    to: after.holder,
    reason,
    gates,
    policy,
    ...(committed === undefined ? {} : { committed }),
    ...(bypassed === undefined ? {} : { bypassed }),
  };
}
