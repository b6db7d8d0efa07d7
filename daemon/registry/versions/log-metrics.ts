import { createHash } from 'node:crypto';
import type { Caller, Context } from '../../context.ts';
import type { Evidence, EvidenceOrigin } from '../../protocol/evidence.ts';
import { byText } from '../../shared/text-order.ts';
import { addEvidence } from './register.ts';

const logged: EvidenceOrigin = { rule: 'given', reason: 'a client logged it for this version' };

/** Adds metrics that a client measured to the evidence of a version. Other metrics that clients logged stay. */
export function logMetrics(
  ctx: Context,
  caller: Caller,
  model: string,
  version: string,
  metrics: Record<string, number | string>,
): Promise<Evidence> {
  const source = sourceOf(Object.keys(metrics));
  return addEvidence(ctx, caller, model, version, { source, metrics, params: {}, origin: logged });
}

const longestSource = 100;

/** Returns one source for each set of metrics: its newest values replace earlier ones, and no others. */
function sourceOf(names: readonly string[]): string {
  const sorted = names.toSorted(byText);
  const text = sorted.join(', ');
  if (text.length <= longestSource && sorted.every((name) => /^[\w./-]+$/.test(name))) return `logged ${text}`;
  const digest = createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
  return `logged #${digest.slice(0, 16)}`;
}
