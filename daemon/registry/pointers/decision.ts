import type { PointerRef } from '../../protocol/model.ts';
import type { Caller, Context } from '../../context.ts';
import { policyRow } from '../../db/policy/policies.ts';
import type { ModelRow } from '../../db/models.ts';
import type { VersionRow } from '../../db/versions.ts';
import { RegistryError } from '../../errors.ts';
import type { NewEvent } from '../../protocol/events.ts';
import type { GateResult } from '../../protocol/policy.ts';
import type { MoveDecision, Move } from './transition.ts';
import { assertAllowed, failedGates, gateReportOf, type EffectivePolicy } from '../gates/report.ts';

/** True for stages that no policy can guard with gates. */
export function isOpenFor({ kind, name }: PointerRef): boolean {
  return kind === 'stage' && ['development', 'archived'].includes(name.toLowerCase());
}

/**
 * Returns the gate results on which a version is moved to a pointer, `bytes` first. Throws `gate-failed` unless all gates passed,
 * or the move asks for a bypass with a reason and the right. Not to be bypassed: a policy file with an error, as its gates are
 * unknown, and external bytes, as only the policy may allow those.
 */
export function decisionOf(
  ctx: Context,
  caller: Caller,
  model: ModelRow,
  version: VersionRow,
  move: Move,
  effective: EffectivePolicy,
  bytes: GateResult[],
): MoveDecision {
  const report = gateReportOf(ctx, model, version, move, effective);
  const decision = { gates: [...bytes, ...report.gates], policy: effective.used };
  if (report.allowed) return decision;
  const isFinal = failedGates(report).some((gate) => gate === 'policy' || gate === 'bytes');
  if (move.bypass !== true || isFinal) assertAllowed(ctx, version, report);
  if (move.reason.trim() === '')
    throw new RegistryError('invalid-request', 'A bypass needs a reason. Give it with --reason.');
  if (caller.rights && caller.rights.role !== 'admin')
    throw new RegistryError(
      'forbidden',
      `${caller.rights.owner} has role ${caller.rights.role}; only an admin can bypass gates.`,
    );
  return { ...decision, bypassed: true };
}

/** Returns the gate results of a rollback, which does not evaluate gates again. */
export function rollbackDecision({ policy, used }: EffectivePolicy, bytes: GateResult[]): MoveDecision {
  const gates: GateResult[] =
    policy.source === null
      ? []
      : [{ gate: 'policy', outcome: 'skipped', detail: 'it held the pointer before; gates are not weighed again' }];
  return { gates: [...bytes, ...gates], policy: used };
}

/** Returns the event that binds a model to the policy file of its first decision; empty if it is bound already. */
export function bindingEvents(ctx: Context, model: ModelRow, { policy }: EffectivePolicy): NewEvent[] {
  if (!policy.source || policyRow(ctx.db, model.id)) return [];
  const { path, digest } = policy.source;
  return [{ type: 'model.policy/1', body: { model: model.id, path, digest } }];
}
