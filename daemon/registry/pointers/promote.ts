import type { Caller, Context, Decision } from '../../context.ts';
import { eventAt } from '../../db/log.ts';
import { versionOf, type VersionRow } from '../../db/versions.ts';
import { modelById, type ModelRow } from '../../db/models.ts';
import { RegistryError } from '../../errors.ts';
import { isExternal, type Pointer } from '../../protocol/model.ts';
import type { GateResult } from '../../protocol/policy.ts';
import type { Receipt } from '../../protocol/routes/pointers.ts';
import { decisionOf, bindingEvents, isOpenFor, rollbackDecision } from './decision.ts';
import { assertBytes, externalText } from '../versions/external-bytes.ts';
import { runCommands } from '../gates/command/run-trusted.ts';
import { withDeployment } from '../deploy.ts';
import { assertMayLeave } from '../../access/token-scope.ts';
import { checkAlias, checkForeignAlias } from '../versions/names.ts';
import { clear, pop, push } from './pointer.ts';
import { isExclusive, stageNames, type Policy } from '../../policy/policy.ts';
import { findModel, findVersion, labelOf, requireUsable } from '../versions/resolve.ts';
import { moveToOpenStage } from './version-stage.ts';
import { assertExpected, pointerNow, receiptOf, transitionEvents, type Move } from './transition.ts';
import { effectivePolicyOf } from '../gates/report.ts';
import { verifyVersion } from '../verify/version.ts';
import { pointerText } from '../../shared/event-text.ts';

/**
 * Moves a version to a stage or an alias. Evaluates its gates, re-hashes its bytes, and evaluates the gates again in the
 * transaction that moves the pointer. Refuses with `gate-failed` (naming every failed gate), `not-found`, `gone`, `damaged` or
 * `conflict` (the current version is not the expected one); nothing changes then.
 */
export async function promote(
  ctx: Context,
  caller: Caller,
  modelName: string,
  versionText: string,
  move: Move,
): Promise<Receipt> {
  const model = findModel(ctx, modelName);
  const version = requireUsable(ctx, findVersion(ctx, model, versionText));
  if (isOpenFor(move)) return moveToOpenStage(ctx, caller, model, version, move.name.toLowerCase(), move.reason);
  const effective = await effectivePolicyOf(ctx, model);
  const checked = checkMove(move, effective.policy);
  const decide = (bytes: GateResult[]): ReturnType<typeof decisionOf> =>
    decisionOf(ctx, caller, model, version, checked, effective, bytes);
  if (pointerNow(ctx, model, checked.kind, checked.name).holder !== version.number) {
    await runCommands(ctx, model, version, pointerText(checked), effective.policy, false);
    decide([]);
  }
  const bytes = await verifiedGate(ctx, version);
  if (checked.kind === 'stage' && !isExclusive(effective.policy, checked.name)) {
    return moveToOpenStage(ctx, caller, model, version, checked.name, checked.reason, () => decide([bytes]));
  }
  return ctx.commit(caller, (): Decision<Receipt> => {
    const pointer = pointerNow(ctx, model, checked.kind, checked.name);
    assertExpected(model, pointer, checked);
    requireUsable(ctx, reread(ctx, version));
    if (pointer.holder === version.number)
      return { events: [], result: () => withDeployment(ctx, effective.policy, unchanged(ctx, model, pointer)) };
    assertMayLeave(ctx, caller, model, version.number, checked);
    const cause = checked.kind === 'alias' ? 'alias' : 'promote';
    const next = push(pointer, version.number);
    const events = transitionEvents(ctx, model, pointer, next, checked, cause, decide([bytes]));
    return {
      events: [...events, ...bindingEvents(ctx, model, effective)],
      result: (committed) => withDeployment(ctx, effective.policy, receiptOf(model, committed[0]!)),
    };
  });
}

/**
 * Returns a stage or alias to its previous version (or to `to`) after re-hashing its bytes. The current version is archived. Gates are
 * not evaluated again for a version that was on the pointer before; any other is promoted. Refuses with `damaged` or `gone`,
 * naming the next possible version, and like `promote`.
 */
export async function rollback(
  ctx: Context,
  caller: Caller,
  modelName: string,
  move: Move,
  to?: string,
): Promise<Receipt> {
  const model = findModel(ctx, modelName);
  const effective = await effectivePolicyOf(ctx, model);
  const checked = checkMove(move, effective.policy);
  const pointer = pointerNow(ctx, model, checked.kind, checked.name);
  assertExpected(model, pointer, checked);
  const wanted = to === undefined ? undefined : findVersion(ctx, model, to).number;
  const next = pop(pointer, `${pointerText(checked)} of ${model.name}`, wanted);
  const target = versionOf(ctx.db, model.id, next.holder!);
  if (!target) throw new Error(`the stack of ${pointerText(checked)} names an unknown version`);
  const isKnown = pointer.previous.includes(target.number);
  const decide = (bytes: GateResult[]): ReturnType<typeof decisionOf> =>
    isKnown ? rollbackDecision(effective, bytes) : decisionOf(ctx, caller, model, target, checked, effective, bytes);
  decide([]);
  const gate = await requireIntact(ctx, effective.policy, target, next.previous, checked);
  return ctx.commit(caller, (): Decision<Receipt> => {
    const now = pointerNow(ctx, model, checked.kind, checked.name);
    assertExpected(model, now, { ...checked, expect: pointer.holder });
    requireUsable(ctx, reread(ctx, target));
    assertMayLeave(ctx, caller, model, target.number, checked);
    const events = transitionEvents(ctx, model, now, next, checked, 'rollback', decide([gate]));
    return { events, result: (committed) => withDeployment(ctx, effective.policy, receiptOf(model, committed[0]!)) };
  });
}

/** Removes an alias. A rollback can restore it. */
export async function removeAlias(ctx: Context, caller: Caller, modelName: string, move: Move): Promise<Receipt> {
  const model = findModel(ctx, modelName);
  return ctx.commit(caller, () => {
    const pointer = pointerNow(ctx, model, 'alias', move.name.replace(/^@/, ''));
    if (pointer.holder === null) throw new RegistryError('not-found', `${model.name} has no alias @${pointer.name}.`);
    const checked = { ...move, kind: 'alias' as const, name: pointer.name };
    assertExpected(model, pointer, checked);
    const decision = { gates: [], policy: null };
    const events = transitionEvents(ctx, model, pointer, clear(pointer), checked, 'unalias', decision);
    return { events, result: (committed) => receiptOf(model, committed[0]!) };
  });
}

/** Returns the move with its pointer's name normalised. Throws `invalid-request` for an impossible pointer. */
export function checkMove<M extends Pick<Move, 'kind' | 'name' | 'foreign'>>(move: M, policy: Policy): M {
  const names = stageNames(policy);
  if (move.kind === 'alias' && move.foreign === true) return { ...move, name: checkForeignAlias(move.name) };
  if (move.kind === 'alias') return { ...move, name: checkAlias(move.name, names) };
  const name = move.name.toLowerCase();
  if (names.includes(name) || policy.problem !== null) return { ...move, name };
  throw new RegistryError('invalid-request', `There is no stage ${move.name}; the stages are ${names.join(', ')}.`);
}

function reread(ctx: Context, version: VersionRow): VersionRow {
  return versionOf(ctx.db, version.model, version.number) ?? version;
}

async function verifiedGate(ctx: Context, version: VersionRow): Promise<GateResult> {
  if (isExternal(version.body)) return { gate: 'bytes', outcome: 'skipped', detail: externalText(version.body) };
  const report = await verifyVersion(ctx, version);
  if (report.state === 'sound')
    return { gate: 'bytes', outcome: 'passed', detail: `${report.files} files, ${report.bytes} bytes re-hashed` };
  throw new RegistryError('damaged', `${labelOf(ctx, version)} is damaged: ${report.detail}. Nothing was changed.`, {
    ...report,
  });
}

/** Verifies the target of a rollback. A refusal names the next possible version. */
async function requireIntact(
  ctx: Context,
  policy: Policy,
  target: VersionRow,
  rest: number[],
  move: Move,
): Promise<GateResult> {
  try {
    assertBytes(ctx, policy, target, move);
    return await verifiedGate(ctx, requireUsable(ctx, target));
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const name = modelById(ctx.db, target.model)?.name ?? '';
    const other = rest.findLast(
      (number) => number !== target.number && versionOf(ctx.db, target.model, number)?.state === 'ready',
    );
    const advice =
      other === undefined
        ? `There is no earlier version of ${pointerText(move)} to roll back to.`
        : `Roll back to the version before it with: plinth rollback ${name} ${pointerText(move)} --to v${other}`;
    throw new RegistryError(error.code, `${error.message} ${advice}`, { ...error.details, next: other ?? null });
  }
}

function unchanged(ctx: Context, model: ModelRow, pointer: Pointer): Receipt {
  const event = eventAt(ctx.db, pointer.seq);
  if (!event) throw new Error(`the pointer's event ${pointer.seq} is missing`);
  return { ...receiptOf(model, event), changed: false };
}
