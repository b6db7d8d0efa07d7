import type { Caller, Context } from '../../context.ts';
import { eventAt, type LoggedEvent } from '../../db/log.ts';
import { isModelDeleted, modelById, modelByName, pointerOf } from '../../db/models.ts';
import { versionOf } from '../../db/versions.ts';
import { RegistryError } from '../../errors.ts';
import type { EventBodies, NewEvent, PointerState, TransitionBody } from '../../protocol/events.ts';
import type { Pointer } from '../../protocol/model.ts';
import type { UndoReply } from '../../protocol/routes/pointers.ts';
import { restoredEvidence } from '../versions/detach.ts';
import { unmerged } from '../versions/merge.ts';
import { assertBytes } from '../versions/external-bytes.ts';
import { policyOf } from '../../policy/policy.ts';

/** Undoes event `seq` if the state is still the one that it made. Throws `conflict` otherwise. */
export async function undo(ctx: Context, caller: Caller, seq: number): Promise<UndoReply> {
  return ctx.commit(caller, () => {
    const event = eventAt(ctx.db, seq);
    if (!event) throw new RegistryError('not-found', `There is no event ${seq}. List the events with: plinth events`);
    const events = compensation(ctx, event);
    return {
      events,
      result: (committed) => ({
        undone: seq,
        seq: committed[0]?.seq ?? 0,
        hash: committed[0]?.hash ?? '',
        type: event.type,
      }),
    };
  });
}

function compensation(ctx: Context, event: LoggedEvent): NewEvent[] {
  assertNotMerged(ctx, event);
  switch (event.type) {
    case 'pointer.moved/1':
      return undoMove(ctx, event.seq, event.body);
    case 'version.staged/1':
      return undoStaged(ctx, event.seq, event.body);
    case 'version.deleted/1':
      return undoDeleted(ctx, event.seq, event.body);
    case 'model.deleted/1':
      return undoModelDeleted(ctx, event.seq, event.body);
    case 'model.merged/1':
      return [unmerged(ctx, event.seq, event.body)];
    case 'model.renamed/1': {
      const { model, name, before } = event.body;
      if (modelById(ctx.db, model)?.name !== name || modelByName(ctx.db, before)) throw overtaken(event.seq);
      return [{ type: 'model.renamed/1', body: { model, name: before, before: name } }];
    }
    case 'model.described/1': {
      const { model, description, before } = event.body;
      if (modelById(ctx.db, model)?.description !== description) throw overtaken(event.seq);
      return [{ type: 'model.described/1', body: { model, description: before, before: description } }];
    }
    case 'model.metrics/1': {
      const { model, metrics, before } = event.body;
      if (modelById(ctx.db, model)?.pinnedMetrics.join('\n') !== metrics.join('\n')) throw overtaken(event.seq);
      return [{ type: 'model.metrics/1', body: { model, metrics: before, before: metrics } }];
    }
    case 'version.evidence-detached/1': {
      const restored = restoredEvidence(ctx, event);
      if (!restored) throw overtaken(event.seq);
      return [restored];
    }
    default:
      throw new RegistryError('invalid-request', `Event ${event.seq} (${event.type}) cannot be undone.`);
  }
}

/** Throws for changes of a model that was merged into another one, until the merge is undone. */
function assertNotMerged(ctx: Context, { type, body, seq }: LoggedEvent): void {
  const model = 'model' in body ? modelById(ctx.db, body.model) : undefined;
  if (!model || model.mergedInto === null || type === 'model.merged/1') return;
  throw new RegistryError(
    'conflict',
    `${model.name} was merged into another model. Undo that first, then event ${seq}.`,
  );
}

function undoModelDeleted(ctx: Context, seq: number, body: EventBodies['model.deleted/1']): NewEvent[] {
  const { model, name, until } = body;
  if (modelByName(ctx.db, name))
    throw new RegistryError('conflict', `There is now another model named ${name}. Rename it first.`);
  if (!isModelDeleted(ctx.db, model)) throw overtaken(seq);
  if (until <= ctx.now())
    throw new RegistryError('gone', `Event ${seq} can no longer be undone; its files were removed.`);
  return [{ type: 'model.undeleted/1', body: { model, name, until, undoes: seq } }];
}

function overtaken(seq: number): RegistryError {
  return new RegistryError('conflict', `Event ${seq} was superseded by a later change and can no longer be undone.`);
}

function undoMove(ctx: Context, seq: number, body: TransitionBody): NewEvent[] {
  if (body.cause === 'left')
    throw new RegistryError('invalid-request', `Event ${seq} is part of event ${seq - 1}. Undo that one instead.`);
  const companion = leftWith(ctx, seq, body);
  const events = [reverse(ctx, seq, body)];
  return companion ? [...events, reverse(ctx, seq + 1, companion)] : events;
}

/** Returns the event by which the version left another stage in the same move; undefined for none. */
function leftWith(ctx: Context, seq: number, body: TransitionBody): TransitionBody | undefined {
  const next = eventAt(ctx.db, seq + 1);
  if (next?.type !== 'pointer.moved/1' || next.body.cause !== 'left' || next.body.model !== body.model)
    return undefined;
  return next.body.before.holder === body.after.holder ? next.body : undefined;
}

function reverse(ctx: Context, seq: number, body: TransitionBody): NewEvent {
  const pointer = pointerOf(ctx.db, body.model, body.kind, body.name);
  if (!pointer || !isAs(pointer, body.after)) throw overtaken(seq);
  for (const [number, stage] of body.after.stages) {
    if (versionOf(ctx.db, body.model, number)?.stage !== stage) throw overtaken(seq);
  }
  const holder = body.before.holder;
  if (holder !== null && versionOf(ctx.db, body.model, holder)?.state !== 'ready') {
    throw new RegistryError(
      'gone',
      `Version ${holder}, the current version of ${body.name} before event ${seq}, can no longer be used.`,
    );
  }
  const model = modelById(ctx.db, body.model);
  const holding = holder === null ? undefined : versionOf(ctx.db, body.model, holder);
  if (model && holding) assertBytes(ctx, policyOf(ctx, model), holding, body);
  const { before, after } = body;
  const rest = { gates: [], evidence: [], policy: null, undoes: seq };
  const reason = `undo of event ${seq}`;
  return { type: 'pointer.moved/1', body: { ...body, cause: 'undo', reason, before: after, after: before, ...rest } };
}

/** True if a pointer is in the state after a transition, even if it was changed and restored since. */
function isAs(pointer: Pointer, state: PointerState): boolean {
  return pointer.holder === state.holder && pointer.previous.join() === state.previous.join();
}

function undoStaged(ctx: Context, seq: number, body: EventBodies['version.staged/1']): NewEvent[] {
  if (versionOf(ctx.db, body.model, body.number)?.stage !== body.stage) throw overtaken(seq);
  const { model, number, stage, before } = body;
  const reason = `undo of event ${seq}`;
  return [{ type: 'version.staged/1', body: { model, number, stage: before, before: stage, reason, undoes: seq } }];
}

function undoDeleted(ctx: Context, seq: number, body: EventBodies['version.deleted/1']): NewEvent[] {
  const version = versionOf(ctx.db, body.model, body.number);
  if (version?.state !== 'deleted') throw overtaken(seq);
  if ((version.deletedUntil ?? 0) <= ctx.now()) {
    throw new RegistryError('gone', `Event ${seq} can no longer be undone; its files were removed.`);
  }
  return [{ type: 'version.undeleted/1', body: { model: body.model, number: body.number, undoes: seq } }];
}
