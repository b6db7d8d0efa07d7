import type { Caller, Context } from '../../context.ts';
import { readManifest } from '../../blobs/manifest.ts';
import { damagedVersions, versionOf, type VersionRow } from '../../db/versions.ts';
import { RegistryError } from '../../errors.ts';
import type { ManifestFile } from '../../protocol/model.ts';
import { labelOf } from '../versions/resolve.ts';

const caller: Caller = { actor: 'verify' };

/** State of a version's bytes, re-hashed from disk. */
export interface VersionCheck {
  state: 'sound' | 'damaged';
  detail: string;
  files: number;
  bytes: number;
}

/** Re-hashes every file of a version. A damaged version is marked immediately and no longer served. */
export async function verifyVersion(ctx: Context, version: VersionRow): Promise<VersionCheck> {
  const label = labelOf(ctx, version);
  const total = version.body.size;
  let files = 0;
  let bytes = 0;
  try {
    for (const file of readManifest(ctx.blobs, version.body.digest)) {
      const before = bytes;
      const state = await ctx.blobs.verify(`sha256:${file.sha256}`, (done) => {
        ctx.publish({ kind: 'progress', task: 'verify', subject: label, done: before + done, total });
      });
      if (state !== 'sound') throw new RegistryError('damaged', `${file.path || version.body.primary} is ${state}`);
      files += 1;
      bytes += file.size;
    }
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    await markDamaged(ctx, version, error.message);
    return { state: 'damaged', detail: error.message, files, bytes };
  }
  await markHealed(ctx, version);
  return { state: 'sound', detail: '', files, bytes };
}

/**
 * Runs `act`, which sends bytes of a version. If they turn out damaged or missing, the version is re-hashed and marked before the
 * refusal is thrown.
 */
export async function handingOut<T>(ctx: Context, version: VersionRow, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (
      error instanceof RegistryError &&
      (error.code === 'damaged' || error.code === 'gone') &&
      version.state === 'ready'
    )
      await verifyVersion(ctx, version);
    throw error;
  }
}

/** Re-hashes the damaged versions with any of these files, whose bytes were just stored again. */
export async function healDamaged(ctx: Context, files: readonly ManifestFile[]): Promise<void> {
  const damaged = damagedVersions(ctx.db);
  if (damaged.length === 0) return;
  const contents = contentsOf(ctx.blobs, damaged);
  for (const version of damaged) {
    const own = contents.get(version.body.digest);
    if (files.some(({ sha256 }) => own?.has(sha256))) await verifyVersion(ctx, version);
  }
}

/** Checksums of the files of damaged versions by manifest, which never changes. Each registration compares its files with them. */
const damagedContents = new WeakMap<Context['blobs'], Map<string, ReadonlySet<string>>>();

/** Returns the checksums of the files of damaged versions by the digest of their manifest; none for one that cannot be read. */
function contentsOf(blobs: Context['blobs'], damaged: readonly VersionRow[]): ReadonlyMap<string, ReadonlySet<string>> {
  const before = damagedContents.get(blobs);
  const contents = new Map<string, ReadonlySet<string>>();
  for (const { body } of damaged) {
    const known = before?.get(body.digest) ?? readContents(blobs, body.digest);
    if (known) contents.set(body.digest, known);
  }
  damagedContents.set(blobs, contents);
  return contents;
}

function readContents(blobs: Context['blobs'], digest: string): ReadonlySet<string> | undefined {
  try {
    return new Set(readManifest(blobs, digest).map(({ sha256 }) => sha256));
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}

async function markDamaged(ctx: Context, version: VersionRow, detail: string): Promise<void> {
  const { model, number } = version;
  await ctx.commit(caller, () => {
    const ready = versionOf(ctx.db, model, number)?.state === 'ready';
    const events = ready ? [{ type: 'version.damaged/1' as const, body: { model, number, detail } }] : [];
    return { events, result: () => null };
  });
}

async function markHealed(ctx: Context, version: VersionRow): Promise<void> {
  const { model, number } = version;
  if (versionOf(ctx.db, model, number)?.state !== 'damaged') return;
  await ctx.commit(caller, () => ({
    events: [{ type: 'version.healed/1', body: { model, number } }],
    result: () => null,
  }));
}
