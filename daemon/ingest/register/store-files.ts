import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../../context.ts';
import { RegistryError } from '../../errors.ts';
import type { ManifestFile } from '../../protocol/model.ts';
import { fingerprintOf } from '../artifact/fingerprint.ts';
import type { SettledArtifact, FileGroup } from '../artifact/types.ts';

/**
 * Copies an artifact's files into the blob store, one at a time, and returns the files of its manifest; immediately if they are
 * stored already. Rejects with code CHANGED if anything was written meanwhile.
 */
export async function storeFiles(
  { blobs, publish }: Pick<Context, 'blobs' | 'publish'>,
  { files, fingerprint, hasEndMarker, stored: owned }: SettledArtifact,
): Promise<ManifestFile[]> {
  if (owned) return owned;
  const stored: ManifestFile[] = [];
  let before = 0;
  for (const file of files.group.files) {
    const path = join(files.folder, file);
    const { digest, size } = await blobs.own(path, files.root, (done) => {
      publish({ kind: 'progress', task: 'copy', subject: files.path, done: before + done, total: fingerprint.size });
    });
    before += size;
    stored.push({ path: isSingle(files.group) ? '' : file, size, sha256: digest.slice('sha256:'.length) });
  }
  if (fingerprintOf(files)?.text !== fingerprint.text) throw changedError(files.path);
  if (!hasEndMarker) await assertSame(blobs, files.folder, files.group.files, stored);
  return stored;
}

/** Throws if storing `size` bytes would leave less than 5 % of the disk free (at most 1 GiB). */
export function assertRoom({ folder }: Pick<Context['blobs'], 'folder'>, size: number): void {
  const { bavail, blocks, bsize } = statfsSync(folder);
  const reserve = Math.min(blocks * bsize * 0.05, 1 << 30);
  if (bavail * bsize - size > reserve) return;
  throw new RegistryError(
    'disk-full',
    'The disk that holds the data folder is nearly full. Free some space; registration resumes automatically.',
  );
}

function isSingle({ files, wholeFolder }: FileGroup): boolean {
  return files.length === 1 && !wholeFolder;
}

/** Hashes the files of a format without end marker again; throws CHANGED if the bytes differ from the first reading. */
async function assertSame(
  blobs: Context['blobs'],
  folder: string,
  names: readonly string[],
  stored: readonly ManifestFile[],
): Promise<void> {
  for (const [index, name] of names.entries()) {
    const path = join(folder, name);
    if ((await blobs.digestOf(path)) !== `sha256:${stored[index]?.sha256}`) throw changedError(path);
  }
}

function changedError(path: string): Error {
  return Object.assign(new Error(`${path} was written while it was copied`), { code: 'CHANGED' });
}
