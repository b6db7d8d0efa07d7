import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import type { Context } from '../context.ts';
import { dropUploads, isUploadFolder, putUpload, uploadAt, uploadsBelow, type Upload } from '../db/tracking/uploads.ts';
import { RegistryError } from '../errors.ts';
import type { ManifestFile } from '../protocol/model.ts';
import { invalid } from './names.ts';
import { addWaiting, isWaiting, isWaitingFolder, settleUploads } from './upload-group.ts';
import { write } from './write.ts';

/** Stores uploads as blobs; a path is a row that refers to a blob. The caller checks paths. */

/**
 * Stores a file. A large one is on disk when this resolves, a small one within a second after. Its bytes are on disk before its
 * path is visible; an upload that breaks off leaves nothing.
 */
export async function upload(ctx: Context, path: string, stream: Readable): Promise<Upload> {
  assertPlace(ctx, path);
  const { digest, size, isDurable } = await ctx.blobs.take(stream);
  if (!isDurable) {
    assertPlace(ctx, path);
    await addWaiting(ctx, { path, digest, size });
    return { path, digest, size };
  }
  await settleUploads(ctx);
  return write(ctx, () => {
    assertPlace(ctx, path);
    assertKept(ctx, digest, size);
    putUpload(ctx.db, { path, digest, size }, ctx.now());
    return { path, digest, size };
  });
}

/** Throws `conflict` if an older blob of the same bytes was swept meanwhile. Called inside the transaction that refers to it. */
function assertKept(ctx: Context, digest: string, size: number): void {
  if (ctx.blobs.sizeOf(digest) === size) return;
  throw new RegistryError('conflict', 'The uploaded files are no longer in the store. Upload them again.', { digest });
}

function assertPlace(ctx: Context, path: string): void {
  if (isWaitingFolder(ctx, path) || isUploadFolder(ctx.db, path)) throw invalid(`Invalid path: ${path} is a folder`);
  for (let above = posix.dirname(path); above !== '.'; above = posix.dirname(above))
    if (isWaiting(ctx, above) || uploadAt(ctx.db, above)) throw invalid(`Invalid path: ${above} is a file`);
}

/** Deletes an uploaded file or folder. Versions made of it keep their bytes. */
export async function removeUpload(ctx: Context, path: string): Promise<void> {
  await settleUploads(ctx);
  await write(ctx, () => dropUploads(ctx.db, path));
}

const maxFiles = 10_000;

/**
 * Returns the files for a version that is registered from an upload's path: the file, or everything below a folder; undefined for
 * none. After `settleUploads`.
 */
export function filesAt(ctx: Context, path: string): { files: ManifestFile[]; wholeFolder: boolean } | undefined {
  const single = uploadAt(ctx.db, path);
  if (single) return { files: [fileOf(single, posix.basename(path))], wholeFolder: true };
  const below = uploadsBelow(ctx.db, path, maxFiles + 1);
  if (below.length > maxFiles)
    throw new RegistryError('too-large', `${path} contains more than ${maxFiles} files, the maximum of a version.`);
  if (below.length === 0) return undefined;
  return { files: below.map((one) => fileOf(one, one.path.slice(path.length + 1))), wholeFolder: true };
}

function fileOf({ digest, size }: Upload, path: string): ManifestFile {
  return { path, size, sha256: digest.slice('sha256:'.length) };
}

/** Returns the path in our store of an artifact URI; undefined for one of another store. */
export function storePath(uri: string): string | undefined {
  const found = /^mlflow-artifacts:(?:\/{3}|\/(?!\/))([^?]*)/i.exec(uri)?.[1];
  return found?.replace(/\/+$/, '').normalize('NFC');
}
