import type { Caller, Context } from '../../context.ts';
import type { Json } from '../../protocol/json.ts';
import type { Lineage } from '../../protocol/lineage.ts';
import { recordLineage } from '../../registry/versions/record-lineage.ts';
import { redacted } from '../../secrets/redact.ts';

/** Records a lineage that a client sent, after taking the secrets out of all its texts. */
export async function recordGivenLineage(
  ctx: Context,
  caller: Caller,
  version: { model: string; number: number },
  given: Lineage,
): Promise<void> {
  const clean = withoutSecrets(given as unknown as Json) as unknown as Lineage;
  await recordLineage(ctx, caller, version.model, version.number, clean);
}

function withoutSecrets(value: Json): Json {
  if (typeof value === 'string') return redacted(value.slice(0, 10_000));
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}
