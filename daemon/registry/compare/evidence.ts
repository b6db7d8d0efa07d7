import { statSync } from 'node:fs';
import type { Context } from '../../context.ts';
import { RegistryError } from '../../errors.ts';
import { readEvidenceTexts, type EvidenceTexts } from '../../formats/text/series-json.ts';
import type { Evidence } from '../../protocol/evidence.ts';
import { openCached, seriesCacheFolder } from '../series/series-cache.ts';

/** Blobs up to this size are always read, as that costs no more than checking whether the event is complete. */
const small = 64 * 1024;
/** An event holds some 6 KiB of metrics: one with less than this is complete. */
const nearlyFull = 4 * 1024;

/** Completes evidence from its blob, as its event may be cut. Returned unchanged if the blob cannot be read. */
export function wholeEvidence(ctx: Context, evidence: Evidence): Evidence {
  return isComplete(ctx, evidence) ? evidence : completed(evidence, readEvidenceTexts(bytesOf(ctx, evidence.digest)));
}

/**
 * Does the same for showing the values. Takes them from the cache of the series if they are there, as a blob may have millions of
 * points. Nothing may be decided by them: what is cached is checked for damage only.
 */
export function shownEvidence(ctx: Context, evidence: Evidence): Evidence {
  if (isComplete(ctx, evidence)) return evidence;
  const cached = openCached(seriesCacheFolder(ctx.blobs.folder), evidence.digest);
  return completed(evidence, cached?.evidence ?? readEvidenceTexts(bytesOf(ctx, evidence.digest)));
}

/** Returns true if the event is certainly not cut. */
function isComplete(ctx: Context, { source, digest, metrics, params }: Evidence): boolean {
  if (Object.keys(metrics).length + Object.keys(params).length === 0) return true;
  const size = statSync(ctx.blobs.pathOf(digest), { throwIfNoEntry: false })?.size ?? Infinity;
  // The blob has exactly these values, so nothing was cut.
  if (size === Buffer.byteLength(JSON.stringify({ source, metrics, params }))) return true;
  return size > small && JSON.stringify(metrics).length < nearlyFull && JSON.stringify(params).length < nearlyFull;
}

function completed(evidence: Evidence, texts: EvidenceTexts): Evidence {
  const { metrics, params } = evidence;
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
