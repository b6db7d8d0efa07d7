import {
  chmodSync,
  copyFileSync,
  constants,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Context } from '../context.ts';
import { readManifest } from '../blobs/manifest.ts';
import type { VersionRow } from '../db/versions.ts';
import { RegistryError } from '../errors.ts';
import type { ManifestFile } from '../protocol/model.ts';
import { labelOf } from './resolve.ts';
import { verifyVersion } from './verify/version.ts';

/**
 * A version under its real file names, ready to load: the path of its file or folder below `versions/` in the data
 * folder. Verified when it is made; names that stand there point at read-only blobs. Throws `damaged` or `gone`.
 */
export async function materialise(ctx: Context, version: VersionRow): Promise<string> {
  const files = readManifest(ctx.blobs, version.body.digest);
  if (files.length === 0)
    throw new RegistryError(
      'gone',
      `${labelOf(ctx, version)} has no bytes here; they lie at ${version.body.source.path}`,
    );
  const folder = join(ctx.blobs.folder, 'versions', safeName(labelOf(ctx, version)));
  const path = version.body.wholeFolder ? folder : join(folder, version.body.primary);
  if (isComplete(folder, version, files)) return path;
  const check = await verifyVersion(ctx, version);
  if (check.state === 'damaged')
    throw new RegistryError('damaged', `${labelOf(ctx, version)} is damaged: ${check.detail}`);
  build(ctx, folder, version, files);
  return path;
}

function nameOf(version: VersionRow, file: ManifestFile): string {
  return file.path === '' ? version.body.primary : file.path;
}

function isComplete(folder: string, version: VersionRow, files: ManifestFile[]): boolean {
  return files.every(
    (file) => statSync(join(folder, nameOf(version, file)), { throwIfNoEntry: false })?.size === file.size,
  );
}

/** Built beside its place and renamed, so that nobody loads half of it. */
function build(ctx: Context, folder: string, version: VersionRow, files: ManifestFile[]): void {
  const temp = join(ctx.blobs.folder, 'tmp', randomUUID());
  for (const file of files) {
    const target = join(temp, nameOf(version, file));
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    place(ctx.blobs.pathOf(`sha256:${file.sha256}`), target);
  }
  mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
  renameSync(temp, folder);
}

/** A clone where the file system can, else a link to the read-only blob, else (Windows) a copy. */
function place(blob: string, target: string): void {
  try {
    copyFileSync(blob, target, constants.COPYFILE_FICLONE_FORCE);
    chmodSync(target, 0o444);
  } catch {
    if (process.platform === 'win32') copyFileSync(blob, target);
    else symlinkSync(blob, target);
  }
}

function safeName(label: string): string {
  return label.replace(/[^\p{L}\p{N}@._-]/gu, (character) => `%${character.codePointAt(0)!.toString(16)}`);
}
