import type { Caller, Context } from '../context.ts';
import { eventAt } from '../db/log.ts';
import { versionOf, type VersionRow } from '../db/versions.ts';
import type { ModelRow } from '../db/models.ts';
import { RegistryError } from '../errors.ts';
import type { GateResult } from '../protocol/events.ts';
import type { Pointer } from '../protocol/model.ts';
import type { Receipt } from '../protocol/routes.ts';
import { checkAlias } from './names.ts';
import { clear, pop, push } from './pointer.ts';
import { defaultPolicy, isExclusive, stageNames } from './policy.ts';
import { findModel, findVersion, labelOf, usable } from './resolve.ts';
import { moveToOpenStage } from './stage.ts';
import { assertExpected, pointerLabel, pointerNow, receiptOf, transitionEvents, type Move } from './transition.ts';
import { verifyVersion } from './verify.ts';

/**
 * Puts a version in a stage or under an alias. Its bytes are re-hashed first; then one event moves the pointer.
 * Refuses with `not-found`, `gone`, `damaged`, `conflict` (the holder is not the expected one); nothing moves then.
 */
export async function promote(
  ctx: Context,
  caller: Caller,
  modelName: string,
  versionText: string,
  move: Move,
): Promise<Receipt> {
  const model = findModel(ctx, modelName);
  const checked = checkMove(move);
  const version = usable(ctx, findVersion(ctx, model, versionText));
  if (checked.kind === 'stage' && !isExclusive(defaultPolicy, checked.name)) {
    return moveToOpenStage(ctx, caller, model, version, checked.name, checked.reason);
  }
  const gate = await verifiedGate(ctx, version);
  return ctx.commit(caller, () => {
    const pointer = pointerNow(ctx, model, checked.kind, checked.name);
    assertExpected(model, pointer, checked);
    usable(ctx, reread(ctx, version));
    if (pointer.holder === version.number) return { events: [], result: () => unchanged(ctx, model, pointer) };
    const cause = checked.kind === 'alias' ? 'alias' : 'promote';
    const events = transitionEvents(ctx, model, pointer, push(pointer, version.number), checked, cause, [gate]);
    return { events, result: (committed) => receiptOf(model, committed[0]!) };
  });
}

/**
 * Goes back to the previous holder of a stage or alias (or to `to`), after re-hashing its bytes. What was popped goes
 * to `archived`. Refuses with `damaged` or `gone`, naming the next holder that could be rolled back to.
 */
export async function rollback(
  ctx: Context,
  caller: Caller,
  modelName: string,
  move: Move,
  to?: string,
): Promise<Receipt> {
  const model = findModel(ctx, modelName);
  const checked = checkMove(move);
  const pointer = pointerNow(ctx, model, checked.kind, checked.name);
  assertExpected(model, pointer, checked);
  const wanted = to === undefined ? undefined : findVersion(ctx, model, to).number;
  const next = pop(pointer, `${pointerLabel(checked)} of ${model.name}`, wanted);
  const target = versionOf(ctx.db, model.id, next.holder!);
  if (!target) throw new Error(`the stack of ${pointerLabel(checked)} names an unknown version`);
  const gate = await sound(ctx, model, target, next.previous, checked);
  return ctx.commit(caller, () => {
    const now = pointerNow(ctx, model, checked.kind, checked.name);
    assertExpected(model, now, { ...checked, expect: pointer.holder });
    usable(ctx, reread(ctx, target));
    const events = transitionEvents(ctx, model, now, next, checked, 'rollback', [gate]);
    return { events, result: (committed) => receiptOf(model, committed[0]!) };
  });
}

/** Takes an alias away. It can be rolled back to its holder. */
export async function removeAlias(ctx: Context, caller: Caller, modelName: string, move: Move): Promise<Receipt> {
  const model = findModel(ctx, modelName);
  return ctx.commit(caller, () => {
    const pointer = pointerNow(ctx, model, 'alias', move.name.replace(/^@/, ''));
    if (pointer.holder === null) throw new RegistryError('not-found', `${model.name} has no alias @${pointer.name}`);
    const checked = { ...move, kind: 'alias' as const, name: pointer.name };
    assertExpected(model, pointer, checked);
    const events = transitionEvents(ctx, model, pointer, clear(pointer), checked, 'unalias', []);
    return { events, result: (committed) => receiptOf(model, committed[0]!) };
  });
}

function checkMove(move: Move): Move {
  const names = stageNames(defaultPolicy);
  if (move.kind === 'alias') return { ...move, name: checkAlias(move.name, names) };
  const name = move.name.toLowerCase();
  if (names.includes(name)) return { ...move, name };
  throw new RegistryError('invalid-request', `there is no stage ${move.name}; the stages are ${names.join(', ')}`);
}

function reread(ctx: Context, version: VersionRow): VersionRow {
  return versionOf(ctx.db, version.model, version.number) ?? version;
}

async function verifiedGate(ctx: Context, version: VersionRow): Promise<GateResult> {
  const report = await verifyVersion(ctx, version);
  if (report.state === 'sound')
    return { gate: 'bytes', outcome: 'passed', detail: `${report.files} files, ${report.bytes} bytes re-hashed` };
  throw new RegistryError('damaged', `${labelOf(ctx, version)} is damaged: ${report.detail}; nothing was moved`, {
    ...report,
  });
}

/** As `verifiedGate`, and a target that cannot be used is refused with the name of the next one. */
async function sound(
  ctx: Context,
  model: ModelRow,
  target: VersionRow,
  rest: number[],
  move: Move,
): Promise<GateResult> {
  try {
    return await verifiedGate(ctx, usable(ctx, target));
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const other = rest.findLast(
      (number) => number !== target.number && versionOf(ctx.db, model.id, number)?.state === 'ready',
    );
    const advice =
      other === undefined
        ? `no earlier holder of ${pointerLabel(move)} is left`
        : `the one before is v${other}: plinth rollback ${model.name} ${pointerLabel(move)} --to v${other}`;
    throw new RegistryError(error.code, `${error.message}; ${advice}`, { ...error.details, next: other ?? null });
  }
}

function unchanged(ctx: Context, model: ModelRow, pointer: Pointer): Receipt {
  const event = eventAt(ctx.db, pointer.seq);
  if (!event) throw new Error(`the pointer's event ${pointer.seq} is missing`);
  return { ...receiptOf(model, event), changed: false };
}
