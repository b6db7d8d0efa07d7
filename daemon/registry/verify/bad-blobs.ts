import type { Context } from '../../context.ts';
import { restoreFix } from '../../db/check/check.ts';
import { cardDigests } from '../../db/cards.ts';
import { modelById } from '../../db/models.ts';
import type { NamedBlob } from '../../db/named-blobs.ts';
import { uploadDigests } from '../../db/tracking/uploads.ts';
import { versionOf, type VersionRow } from '../../db/versions.ts';
import { messageOf } from '../../errors.ts';
import type { VerifyFault } from '../../protocol/verify.ts';
import { shellWord } from '../../shared/format.ts';
import { labelOf } from '../versions/resolve.ts';
import { verifyVersion } from './version.ts';
import type { LackingVersion } from './lacking-files.ts';
import type { BadBlob } from './verify-worker.ts';

const isOfVersion = ({ kind }: NamedBlob): boolean => kind === 'manifest' || kind === 'file';

/** Re-hashes the versions with bad blobs, once in a pass, which marks them damaged, and reports what else names these blobs. */
export async function badBlobFaults(ctx: Context, bad: readonly BadBlob[], seen: Set<string>): Promise<VerifyFault[]> {
  const faults: VerifyFault[] = [];
  for (const blob of bad) {
    for (const { model, number } of blob.owners.filter(isOfVersion)) {
      const key = `${model}@${number}`;
      if (seen.has(key)) continue;
      seen.add(key);
      faults.push(...(await versionFaults(ctx, model, number ?? 0, blob)));
    }
    faults.push(...(await otherFaults(ctx, blob).catch((error: unknown) => [unreadableFault(blob, error)])));
  }
  return faults;
}

/** Returns the faults of a version in its present state; empty if it was purged or moved meanwhile. */
export async function versionFaults(
  ctx: Context,
  model: string,
  number: number,
  blob?: BadBlob,
): Promise<VerifyFault[]> {
  try {
    const version = versionOf(ctx.db, model, number);
    if (!version || version.state === 'moved' || version.deletedUntil === 0) return [];
    const check = await verifyVersion(ctx, version);
    if (check.state === 'sound') return [];
    return [{ subject: labelOf(ctx, version), detail: check.detail, fix: versionFix(ctx, version) }];
  } catch (error) {
    const what = blob ? `blob ${blob.digest} is ${blob.state}, and ` : '';
    return [
      { subject: `version ${number} of ${model}`, detail: `${what}its row cannot be read (${messageOf(error)})` },
    ];
  }
}

/** Returns the fault of a version that lacks a file which its own files name: its bytes are intact, but it cannot be loaded. */
export function lackingFault(ctx: Context, { model, number, name, by }: LackingVersion): VerifyFault {
  const detail = `it is not whole: ${quoted(name)}, which ${quoted(by)} names, is not among its files`;
  const named = modelById(ctx.db, model)?.name ?? model;
  const fix = `Register the complete files as a new version with: plinth register PATH --model ${shellWord(named)}`;
  return { subject: labelOf(ctx, { model, number }), detail, fix };
}

function quoted(path: string): string {
  return JSON.stringify(path.slice(0, 200));
}

function unreadableFault({ digest, state }: BadBlob, error: unknown): VerifyFault {
  const detail = `${state}; what names it cannot be read (${messageOf(error)})`;
  return { subject: `blob ${digest}`, detail, fix: restoreFix };
}

function versionFix(ctx: Context, version: VersionRow): string {
  const name = modelById(ctx.db, version.model)?.name ?? version.model;
  return `Register the same bytes again, from ${version.body.source.path} or another copy, with: plinth register PATH --model ${name}`;
}

async function otherFaults(ctx: Context, { digest, state, owners }: BadBlob): Promise<VerifyFault[]> {
  const others = owners.filter((owner) => !isOfVersion(owner) && isStillNamed(ctx, owner));
  const [first] = others;
  if (!first) return [];
  const now = state === 'missing' || state === 'damaged' ? await ctx.blobs.verify(digest).catch(() => state) : state;
  if (now === 'sound') return [];
  const where = others.slice(0, 5).map((owner) => placeOf(ctx, owner));
  const more = others.length > 5 ? ` and ${others.length - 5} more` : '';
  const fix = `Put a copy of the file ${digest.slice('sha256:'.length)} from a backup of the data folder back below blobs/sha256`;
  return [{ subject: `${first.kind} ${digest}`, detail: `${now} (${where.join(', ')}${more})`, fix }];
}

/** Returns false for a replaced card or upload, whose earlier blob is swept. */
function isStillNamed(ctx: Context, { kind, digest }: NamedBlob): boolean {
  if (kind === 'card') return cardDigests(ctx.db).includes(digest);
  if (kind === 'upload') return uploadDigests(ctx.db).includes(digest);
  return true;
}

function placeOf(ctx: Context, { model, number, name }: NamedBlob): string {
  if (model === '') return name;
  const label = number === null ? (modelById(ctx.db, model)?.name ?? model) : labelOf(ctx, { model, number });
  return name === '' ? label : `${name} of ${label}`;
}
