import {
  chmodSync,
  copyFileSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Context } from '../../context.ts';
import { readManifest } from '../../blobs/manifest.ts';
import type { VersionRow } from '../../db/versions.ts';
import { RegistryError, isDiskFull } from '../../errors.ts';
import { isExternal, type ManifestFile } from '../../protocol/model.ts';
import { externalText } from './external-bytes.ts';
import { labelOf } from './resolve.ts';
import { handingOut, verifyVersion } from '../verify/version.ts';

/**
 * Returns the path of a version under its real file names, ready to load: below `versions/` in the data folder. Every file is
 * hashed first, unless it was and has not been written since. Files that differ are replaced from the blobs. Throws `damaged` or
 * `gone`.
 */
export async function materialise(ctx: Context, version: VersionRow): Promise<string> {
  if (isExternal(version.body))
    throw new RegistryError('gone', `${labelOf(ctx, version)}: ${externalText(version.body)}`);
  const files = await handingOut(ctx, version, () => readManifest(ctx.blobs, version.body.digest));
  const folder = folderOf(ctx, version);
  const path = version.body.wholeFolder ? folder : join(folder, version.body.primary);
  if (await isPlaced(ctx, folder, version, files)) return path;
  const temp = join(ctx.blobs.folder, 'tmp', randomUUID());
  try {
    placing(() => build(ctx, temp, version, files));
    if (!(await isPlaced(ctx, temp, version, files))) throw await refusal(ctx, version);
    exchange(ctx, temp, folder);
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
  return path;
}

/** Returns true if a version was materialised before; its files may have changed since. */
export function isMaterialised(ctx: Context, version: VersionRow): boolean {
  return existsSync(folderOf(ctx, version));
}

function folderOf(ctx: Context, version: VersionRow): string {
  return join(ctx.blobs.folder, 'versions', safeName(labelOf(ctx, version)));
}

/** Returns the refusal for a version that cannot be materialised: re-hashes the blobs, which marks the version and quarantines damaged ones. */
async function refusal(ctx: Context, version: VersionRow): Promise<RegistryError> {
  const label = labelOf(ctx, version);
  const { state, detail } = await verifyVersion(ctx, version);
  if (state === 'sound')
    return new RegistryError(
      'damaged',
      `${label} cannot be materialized: the copy differs from the stored file. Check the disk.`,
    );
  const advice = `register the same file again to repair it (plinth register), or load another version`;
  return new RegistryError('damaged', `${label} is damaged: ${detail}. Nothing was materialized; ${advice}.`);
}

function nameOf(version: VersionRow, file: ManifestFile): string {
  return file.path === '' ? version.body.primary : file.path;
}

/** Returns true if a folder has the version's files with their bytes. */
async function isPlaced(ctx: Context, folder: string, version: VersionRow, files: ManifestFile[]): Promise<boolean> {
  const label = labelOf(ctx, version);
  let before = 0;
  for (const file of files) {
    const digest = `sha256:${file.sha256}`;
    const path = bytesAt(ctx, join(folder, nameOf(version, file)), digest);
    if (path === undefined) return false;
    const isIntact = await ctx.blobs.isIntact(path, digest, (done) => {
      ctx.publish({ kind: 'progress', task: 'verify', subject: label, done: before + done, total: version.body.size });
    });
    if (!isIntact) return false;
    before += file.size;
  }
  return true;
}

/** Returns the file of a materialised path: itself, or its blob behind a link of ours; undefined for anything else. */
function bytesAt(ctx: Context, path: string, digest: string): string | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true) return path;
  const blob = ctx.blobs.pathOf(digest);
  return stats?.isSymbolicLink() === true && readlinkSync(path) === blob ? blob : undefined;
}

function placing(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    const text =
      'The disk that holds the data folder is full, so the version cannot be materialized. Free some space and try again.';
    throw new RegistryError('disk-full', text);
  }
}

function build(ctx: Context, folder: string, version: VersionRow, files: ManifestFile[]): void {
  for (const file of files) {
    const target = join(folder, nameOf(version, file));
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    place(ctx.blobs.pathOf(`sha256:${file.sha256}`), target);
  }
}

/** Replaces a whole folder by another, so that no reader sees parts of both. */
function exchange(ctx: Context, temp: string, folder: string): void {
  mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
  if (!lstatSync(folder, { throwIfNoEntry: false })) return renameSync(temp, folder);
  const old = join(ctx.blobs.folder, 'tmp', randomUUID());
  renameSync(folder, old);
  renameSync(temp, folder);
  rmSync(old, { recursive: true, force: true });
}

/** Creates a file as a clone if the file system supports it, else as a link to the read-only blob, else (Windows) as a copy. */
function place(blob: string, target: string): void {
  try {
    copyFileSync(blob, target, constants.COPYFILE_FICLONE_FORCE);
    chmodSync(target, 0o444);
  } catch {
    rmSync(target, { force: true });
    if (process.platform !== 'win32') return symlinkSync(blob, target);
    if (!existsSync(blob)) return;
    copyFileSync(blob, target);
    chmodSync(target, 0o444);
  }
}

function safeName(label: string): string {
  return label.replace(/[^\p{L}\p{N}@._-]/gu, (character) => `%${character.codePointAt(0)!.toString(16)}`);
}
