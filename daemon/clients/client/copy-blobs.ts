import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

export interface CopiedBlobs {
  copied: number;
  /** Files that existed already. */
  kept: number;
  /** Files whose bytes do not match their name. They were left out. */
  damaged: string[];
}

/**
 * Copies the blobs below `from` to the same paths below `to`. A blob gets its name only if its bytes match it. Blobs never
 * change, so the registry may be in use meanwhile; existing files stay.
 */
export function copyBlobs(from: string, to: string): CopiedBlobs {
  const done: CopiedBlobs = { copied: 0, kept: 0, damaged: [] };
  const store = join(from, 'blobs');
  if (!existsSync(store)) return done;
  for (const entry of readdirSync(store, { recursive: true, withFileTypes: true })) {
    const hex = entry.name;
    if (!entry.isFile() || !/^[0-9a-f]{64}$/.test(hex)) continue;
    const source = join(entry.parentPath, hex);
    const target = join(to, 'blobs', relative(store, source));
    if (existsSync(target)) done.kept += 1;
    else if (copyOne(source, target)) done.copied += 1;
    else done.damaged.push(source);
  }
  return done;
}

function copyOne(source: string, target: string): boolean {
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const part = `${target}.part`;
  rmSync(part, { force: true });
  copyFileSync(source, part, constants.COPYFILE_FICLONE);
  const isSound = digestOf(part) === basename(target);
  if (isSound) chmodSync(part, 0o444);
  if (isSound) renameSync(part, target);
  else rmSync(part, { force: true });
  return isSound;
}

const chunkBytes = 1 << 20;

function digestOf(path: string): string {
  const hash = createHash('sha256');
  const bytes = Buffer.allocUnsafe(chunkBytes);
  const handle = openSync(path, 'r');
  try {
    for (let n = readSync(handle, bytes); n > 0; n = readSync(handle, bytes)) hash.update(bytes.subarray(0, n));
    return hash.digest('hex');
  } finally {
    closeSync(handle);
  }
}
