import { readManifest } from '../../blobs/manifest.ts';
import type { Caller, Context } from '../../context.ts';
import { pointersOf } from '../../db/models.ts';
import { approvalsOf } from '../../db/policy/approvals.ts';
import { versionOf, versionView, type VersionRow } from '../../db/versions.ts';
import { messageOf, RegistryError } from '../../errors.ts';
import type { ManifestFile, Version } from '../../protocol/model.ts';
import { describedBody, storeDescription, type DescribedFiles } from './described-body.ts';
import { isMaterialised, materialise } from './materialize.ts';

/** Files in an event's body at most; the manifest has all. */
const maxAdded = 20;

/**
 * Adds files to a version that was registered before its run had saved all of them. Undefined if a decision was made about the
 * version (a stage, an alias, an approval), or if one of its files is missing among `whole` or differs.
 */
export async function completeVersion(
  ctx: Context,
  caller: Caller,
  { model, number }: { model: string; number: number },
  whole: DescribedFiles,
): Promise<Version | undefined> {
  const before = versionOf(ctx.db, model, number);
  const added = before && isOpen(ctx, before) ? addedFiles(ctx, before, whole.files) : undefined;
  if (!before || !added) return undefined;
  const { manifest, facts } = await storeDescription(ctx, whole);
  const version = await ctx.commit<Version | undefined>(caller, () => {
    const now = versionOf(ctx.db, model, number);
    if (!now || now.body.digest !== before.body.digest || !isOpen(ctx, now))
      return { events: [], result: () => undefined };
    const body = {
      ...describedBody(whole, model, number, manifest, facts),
      before: before.body.digest,
      added: added.slice(0, maxAdded),
    };
    return {
      events: [{ type: 'version.completed/1', body }],
      result: () => versionView(ctx.db, versionOf(ctx.db, model, number)!),
    };
  });
  if (version) await placeAnew(ctx, { model, number });
  return version;
}

/** Updates the materialised copy of a version, if there is one, so that it has the new files. */
async function placeAnew(ctx: Context, { model, number }: { model: string; number: number }): Promise<void> {
  const row = versionOf(ctx.db, model, number);
  if (!row || !isMaterialised(ctx, row)) return;
  await materialise(ctx, row).catch((error: unknown) =>
    ctx.log.warn('a version could not be placed again', { model, number, error: messageOf(error) }),
  );
}

/** True if no decision was made about these bytes yet. */
function isOpen(ctx: Context, { model, number, state, stage, body }: VersionRow): boolean {
  return (
    state === 'ready' &&
    stage === 'development' &&
    body.source.kind === 'watch' &&
    pointersOf(ctx.db, model).every(({ holder, previous }) => holder !== number && !previous.includes(number)) &&
    approvalsOf(ctx.db, model, number).length === 0
  );
}

/** Returns the files beyond those of the version; undefined for none, or if one of the version's is missing or differs. */
function addedFiles(ctx: Context, { body }: VersionRow, files: readonly ManifestFile[]): ManifestFile[] | undefined {
  const listed = filesOf(ctx, body.digest);
  if (!listed) return undefined;
  const own = new Map(listed.map(({ path, sha256 }) => [path === '' ? body.primary : path, sha256]));
  const added = files.filter(({ path }) => !own.has(path));
  const isKept = [...own].every(([path, sha256]) => files.some((file) => file.path === path && file.sha256 === sha256));
  return isKept && added.length > 0 ? added : undefined;
}

function filesOf(ctx: Context, digest: string): ManifestFile[] | undefined {
  try {
    return readManifest(ctx.blobs, digest);
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}
