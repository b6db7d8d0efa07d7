import { setImmediate } from 'node:timers/promises';
import type { Context } from '../../context.ts';
import type { ModelRow } from '../../db/models.ts';
import { versionOf, versionsBefore, type VersionRow } from '../../db/versions.ts';
import { RegistryError } from '../../errors.ts';
import type { PointerRef } from '../../protocol/model.ts';
import type { GateResult, PolicyUsed, GateReport } from '../../protocol/policy.ts';
import { bytesGate } from '../versions/external-bytes.ts';
import { evaluate } from './evaluate.ts';
import { factsOf, sharedOf, type GateEvaluation } from './facts.ts';
import { gatesFor, nameProblem, policyOf, type Policy } from '../../policy/policy.ts';
import { conflictsOn } from '../../policy/conflicts.ts';
import { isCommitted } from '../../policy/committed.ts';
import { labelOf } from '../versions/resolve.ts';
import { pointerNow } from '../pointers/transition.ts';
import { pointerText } from '../../shared/event-text.ts';

/** A policy as read for one decision. */
export interface EffectivePolicy {
  policy: Policy;
  used: PolicyUsed | null;
  /** One sentence for each further file that names the model. */
  conflicts: string[];
}

/** Reads the policy that applies to a model now, and whether it is committed. */
export async function effectivePolicyOf(ctx: Context, model: ModelRow): Promise<EffectivePolicy> {
  const policy = policyOf(ctx, model);
  const { source } = policy;
  const conflicts = conflictsOn(ctx, model, policy);
  if (!source) return { policy, used: null, conflicts };
  const committed = await isCommitted(source.path, source.text);
  return { policy, used: { path: source.path, digest: source.digest, committed }, conflicts };
}

/** Evaluates the gates of a pointer in the present state. Changes nothing; bytes are verified separately. */
export function gateReportOf(
  ctx: Context,
  model: ModelRow,
  version: VersionRow,
  pointerRef: PointerRef,
  effective: EffectivePolicy,
): GateReport {
  return evaluateGates(ctx, model, version, evaluationOf(ctx, model, pointerRef, effective, false), effective);
}

/** Evaluates the gates for every version, newest first, each compared with the present current version. */
export async function gateReportsOf(
  ctx: Context,
  model: ModelRow,
  pointerRef: PointerRef,
  effective: EffectivePolicy,
): Promise<GateReport[]> {
  const rows = versionsBefore(ctx.db, model.id, Number.MAX_SAFE_INTEGER, 100_000);
  const one = evaluationOf(ctx, model, pointerRef, effective, true);
  const reports: GateReport[] = [];
  for (const row of rows) {
    if (reports.length % 100 === 99) await setImmediate();
    reports.push(evaluateGates(ctx, model, row, one, effective));
  }
  return reports;
}

function evaluationOf(
  ctx: Context,
  model: ModelRow,
  { kind, name }: PointerRef,
  { policy }: EffectivePolicy,
  whole: boolean,
): GateEvaluation {
  const { holder } = pointerNow(ctx, model, kind, name);
  const row = holder === null ? undefined : versionOf(ctx.db, model.id, holder);
  return { model, policy, kind, name, holder: row, shared: sharedOf(ctx, model, whole) };
}

function evaluateGates(
  ctx: Context,
  model: ModelRow,
  version: VersionRow,
  one: GateEvaluation,
  { policy, used, conflicts }: EffectivePolicy,
): GateReport {
  const { kind, name } = one;
  const asked = gateResults(policy, pointerText(one), model.name, (list) => evaluate(list, factsOf(ctx, one, version)));
  const bytes = bytesGate(policy, version, one);
  const gates = bytes ? [bytes, ...asked] : asked;
  const allowed = gates.every(({ outcome }) => outcome !== 'failed');
  const holder = one.holder?.number ?? null;
  return {
    model: model.name,
    number: version.number,
    kind,
    name,
    holder,
    allowed,
    policy: used,
    gates,
    ...(conflicts.length > 0 ? { conflicts } : {}),
  };
}

function gateResults(
  policy: Policy,
  pointer: string,
  model: string,
  evaluateAll: (gates: ReturnType<typeof gatesFor>) => GateResult[],
): GateResult[] {
  if (pointer === 'development' || pointer === 'archived') return [];
  if (policy.problem !== null) return [{ gate: 'policy', outcome: 'failed', detail: policy.problem }];
  const name = nameProblem(policy, model);
  const named: GateResult[] = name === undefined ? [] : [{ gate: 'name', outcome: 'failed', detail: name }];
  return [...named, ...evaluateAll(gatesFor(policy, pointer))];
}

/** Returns the names of failed gates. */
export function failedGates({ gates }: GateReport): string[] {
  return gates.filter(({ outcome }) => outcome === 'failed').map(({ gate }) => gate);
}

/** Throws `gate-failed` with every failed gate, and the report in its details. */
export function assertAllowed(ctx: Context, version: VersionRow, report: GateReport): void {
  if (report.allowed) return;
  const bad = report.gates.filter(({ outcome }) => outcome === 'failed');
  const reasons = bad.map(({ gate, detail }) => `${gate} (${detail})`).join('; ');
  const many = bad.length === 1 ? '1 gate failed' : `${bad.length} gates failed`;
  const text = `Cannot promote ${labelOf(ctx, version)} to ${pointerText(report)}, ${many}: ${reasons}. Nothing was changed.`;
  throw new RegistryError('gate-failed', text, { verdict: report });
}

/** Throws `gate-failed` if a gate of the policy fails. Like MLflow's server, it does not check external bytes. */
export async function assertGates(
  ctx: Context,
  model: ModelRow,
  version: VersionRow,
  pointerRef: PointerRef,
): Promise<void> {
  const report = gateReportOf(ctx, model, version, pointerRef, await effectivePolicyOf(ctx, model));
  const gates = report.gates.filter(({ gate }) => gate !== 'bytes');
  assertAllowed(ctx, version, { ...report, gates, allowed: gates.every(({ outcome }) => outcome !== 'failed') });
}
