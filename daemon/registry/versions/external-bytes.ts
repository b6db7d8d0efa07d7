import type { PointerRef } from '../../protocol/model.ts';
import type { Context } from '../../context.ts';
import type { VersionRow } from '../../db/versions.ts';
import { RegistryError } from '../../errors.ts';
import type { VersionBody } from '../../protocol/events.ts';
import { isExternal } from '../../protocol/model.ts';
import type { GateResult } from '../../protocol/policy.ts';
import { isExclusive, type Policy } from '../../policy/policy.ts';
import { labelOf } from './resolve.ts';
import { pointerText } from '../../shared/event-text.ts';

/** Returns a clause that says where external bytes are. */
export function externalText({ source }: Pick<VersionBody, 'source'>): string {
  return `Plinth does not store these bytes; they are at ${(source.mlflow?.location ?? source.path).slice(0, 500)}`;
}

/**
 * Returns the failed gate `bytes` for an exclusive stage and a version with external bytes, which Plinth can neither verify nor
 * return; undefined if the policy has `bytes: external`, or for other cases.
 */
export function bytesGate(
  policy: Policy,
  { body }: Pick<VersionRow, 'body'>,
  pointerRef: PointerRef,
): GateResult | undefined {
  if (!isExternal(body) || policy.rule?.bytes === 'external') return undefined;
  if (pointerRef.kind !== 'stage' || !isExclusive(policy, pointerRef.name)) return undefined;
  const advice = 'register a copy of the files, or allow it with "bytes: external" in plinth.yaml';
  return { gate: 'bytes', outcome: 'failed', detail: `${externalText(body)}; ${advice}` };
}

/** Throws `gate-failed` if a version cannot return to a pointer because its bytes are external. */
export function assertBytes(ctx: Context, policy: Policy, version: VersionRow, pointerRef: PointerRef): void {
  const gate = bytesGate(policy, version, pointerRef);
  if (!gate) return;
  const text = `Cannot promote ${labelOf(ctx, version)} to ${pointerText(pointerRef)}: ${gate.detail}. Nothing was changed.`;
  throw new RegistryError('gate-failed', text, { gates: [gate] });
}
