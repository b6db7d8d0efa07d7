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

/** True for stages that every policy leaves open: no gate can guard them. */
export function isOpenFor({ kind, name }: PointerRef): boolean {
  return kind === 'stage' && ['development', 'archived'].includes(name.toLowerCase());
}

/**
 * On what a version is put on a pointer, `bytes` first. Throws `gate-failed` unless every gate passed, or the move asks for
 * a bypass and brings a reason and the right; a file with a mistake cannot be bypassed, for nobody knows what it asks, nor
 * can bytes that lie elsewhere, for only the rules may say that nobody verifies them.
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

/** On what a pointer goes back: what held it before is not weighed again. */
export function rollbackDecision({ policy, used }: EffectivePolicy, bytes: GateResult[]): MoveDecision {
  const gates: GateResult[] =
    policy.source === null
      ? []
      : [{ gate: 'policy', outcome: 'skipped', detail: 'it held the pointer before; gates are not weighed again' }];
  return { gates: [...bytes, ...gates], policy: used };
}

/** Binds a model to the file that decided for it first. */
export function bindingEvents(ctx: Context, model: ModelRow, { policy }: EffectivePolicy): NewEvent[] {
  if (!policy.source || policyRow(ctx.db, model.id)) return [];
  const { path, digest } = policy.source;
  return [{ type: 'model.policy/1', body: { model: model.id, path, digest } }];
}
