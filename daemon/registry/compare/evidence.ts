import { statSync } from 'node:fs';
import type { Context } from '../../context.ts';
import { RegistryError } from '../../errors.ts';
import { readEvidenceTexts } from '../../formats/text/series-json.ts';
import type { Evidence } from '../../protocol/evidence.ts';

/** Blobs up to this size are always read, as that costs no more than checking whether the event is complete. */
const small = 64 * 1024;
/** An event holds some 6 KiB of metrics: one with less than this is complete. */
const nearlyFull = 4 * 1024;

/** Completes evidence from its blob, as its event may be cut. Returned unchanged if the blob cannot be read. */
export function wholeEvidence(ctx: Context, evidence: Evidence): Evidence {
  const { metrics, params } = evidence;
  if (Object.keys(metrics).length + Object.keys(params).length === 0) return evidence;
  const shortened = { source: evidence.source, metrics, params };
  const size = statSync(ctx.blobs.pathOf(evidence.digest), { throwIfNoEntry: false })?.size ?? Infinity;
  // The blob has exactly these values, so nothing was cut.
  if (size === Buffer.byteLength(JSON.stringify(shortened))) return evidence;
  if (size > small && JSON.stringify(metrics).length < nearlyFull && JSON.stringify(params).length < nearlyFull)
    return evidence;
  const texts = readEvidenceTexts(bytesOf(ctx, evidence.digest));
  return { ...evidence, metrics: parsed(texts.metrics) ?? metrics, params: parsed(texts.params) ?? params };
}

function bytesOf(ctx: Context, digest: string): Uint8Array {
  try {
    return ctx.blobs.read(digest);
  } catch (error) {
    if (error instanceof RegistryError) return new Uint8Array(0);
    throw error;
  }
}

function parsed<T>(text: string | undefined): T | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}
