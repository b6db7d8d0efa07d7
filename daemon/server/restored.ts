import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest } from '../blobs/manifest.ts';
import { openBlobStore, type BlobStore } from '../blobs/store.ts';
import { copyBlobs } from '../clients/client/copy-blobs.ts';
import { AlreadyRunning } from './open-registry.ts';
import { databaseName, openDatabase } from '../db/database.ts';
import { lockFolder } from '../db/lock.ts';
import { head } from '../db/log.ts';
import { watchedRoots } from '../db/roots.ts';
import { everyVersion } from '../db/versions.ts';
import { RegistryError } from '../errors.ts';
import { restoreBackup, type Restored } from './offline.ts';
import { committer } from '../registry/commit.ts';

/** A restored registry, with its contents. */
export interface RestoredRegistry extends Restored {
  versions: number;
  /** Versions all of whose files exist. */
  withBytes: number;
  /** Folders that are no longer watched, because no registry in this data folder had watched them. */
  paused: string[];
}

/** Like `restoreBackup`; from a folder of `backup --with-bytes` the stored files are restored, too. */
export async function restoreRegistry(dataFolder: string, file?: string): Promise<RestoredRegistry> {
  const isFolder = file !== undefined && existsSync(file) && statSync(file).isDirectory();
  const source = isFolder ? join(file, databaseName) : file;
  if (isFolder && !existsSync(join(file, databaseName)))
    throw new RegistryError('not-found', `${file} contains no ${databaseName}. Give a backup.`);
  if (isFolder) copyBlobs(file, dataFolder);
  const restored = restoreBackup(dataFolder, source);
  const lock = lockFolder(dataFolder);
  if (!lock) throw new AlreadyRunning(dataFolder);
  try {
    return { ...restored, ...(await takeOver(dataFolder, restored.kept === null)) };
  } finally {
    lock.release();
  }
}

/**
 * Counts the registry's contents. If there was no registry before, watched folders are paused: they belong to another machine,
 * and nobody has chosen a folder of the same path here.
 */
async function takeOver(
  dataFolder: string,
  isElsewhere: boolean,
): Promise<Omit<RestoredRegistry, 'restored' | 'kept'>> {
  const db = openDatabase(dataFolder);
  const blobs = openBlobStore(dataFolder);
  try {
    const paused = isElsewhere ? watchedRoots(db).flatMap((root) => (root.paused ? [] : [root.path])) : [];
    const { commit } = committer(db, Date.now, () => undefined);
    const events = paused.map((path) => ({ type: 'root.paused/1' as const, body: { path } }));
    if (events.length > 0) await commit({ actor: 'restore' }, () => ({ events, result: () => null }));
    const versions = everyVersion(db).filter(({ state }) => state === 'ready' || state === 'damaged');
    const withBytes = versions.filter(({ body }) => hasBytes(blobs, body.digest)).length;
    return { events: head(db).seq, versions: versions.length, withBytes, paused };
  } finally {
    await blobs.close();
    db.close();
  }
}

/** Returns true if every file of a version exists; `plinth verify` checks their bytes. */
function hasBytes(blobs: BlobStore, digest: string): boolean {
  try {
    const files = readManifest(blobs, digest);
    return files.length > 0 && files.every(({ sha256 }) => existsSync(blobs.pathOf(`sha256:${sha256}`)));
  } catch {
    return false;
  }
}
