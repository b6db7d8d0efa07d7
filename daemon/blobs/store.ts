import { lstatSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { RegistryError, systemCode } from '../errors.ts';
import { workerScript, workerThread, type WorkerThread } from '../runtime/worker-thread.ts';
import { ownBytes } from './copy.ts';
import type { CopyOperations } from './copy-worker.ts';
import { takenFiles } from './taken.ts';
import { blobPath, makeBlobFolders, quarantine } from './seal.ts';
import { sendBytes } from './download.ts';
import type { DownloadOperations } from './download-worker.ts';
import type { UploadOperations } from './upload-worker.ts';
import { verifiedFiles, type Verified } from './verified.ts';
import { refuseSource, writesTo } from './writes.ts';

/** Content-addressed bytes: a blob is written once, read-only, under its SHA-256. Digests are `sha256:<hex>`. */
export interface BlobStore {
  /** The data folder that holds `blobs/` and `tmp/`. */
  readonly folder: string;
  /** Set once the disk failed a write: from then on every write is refused with this sentence. */
  readonly failure: string | undefined;
  /** Copies a file from below `root` in; resolves once its bytes and its name are on disk. Rejects with code CHANGED, NOT_REGULAR, OUTSIDE or a system error. */
  own(source: string, root: string, onProgress?: (bytes: number) => void): Promise<{ digest: string; size: number }>;
  /** Takes in what a client sends; resolves once bytes and name are on disk. Rejects, leaving nothing, when the stream breaks off. */
  receive(stream: Readable): Promise<{ digest: string; size: number }>;
  /** As `receive`; a small one is only written and hashed when this resolves, and is on disk, under its name, after `settle`. */
  take(stream: Readable): Promise<{ digest: string; size: number; isDurable: boolean }>;
  /** Brings everything to disk that was taken before. Rejects as the disk does; it may be tried again. */
  settle(): Promise<void>;
  /** Writes a blob to a client and ends the stream, verified on the way. Rejects with `damaged`, `gone`, or as the stream breaks. */
  send(digest: string, size: number, into: Writable): Promise<void>;
  /** Puts small bytes in, at once. */
  put(bytes: Uint8Array): string;
  /** The whole content of a small blob, verified. Throws `damaged` or `gone`. */
  read(digest: string): Buffer;
  /** Size in bytes of the blob as it stands; undefined where there is none. */
  sizeOf(digest: string): number | undefined;
  /** Absolute path of the blob's file, to be opened for reading only. */
  pathOf(digest: string): string;
  /** Re-hashes the blob from disk. `missing` and `damaged` blobs are never served; a damaged one is moved to `quarantine/`. */
  verify(digest: string, onProgress?: (bytes: number) => void): Promise<'sound' | 'missing' | 'damaged'>;
  /**
   * Whether the file at `path`, no link, holds the bytes of this digest. It is hashed, unless it was already and has not been
   * written to since.
   */
  isIntact(path: string, digest: string, onProgress?: (bytes: number) => void): Promise<boolean>;
  /** The digest of what a file outside the store holds now. */
  digestOf(path: string): Promise<string>;
  /** Every blob there is, with when it was made (epoch ms) and its size. */
  list(): Generator<{ digest: string; madeAt: number; size: number }>;
  /** Deletes one blob's bytes. The caller has made sure that nothing names it. */
  remove(digest: string): void;
  close(): Promise<void>;
}

/** Blobs of up to this size are read and hashed at once, not in a thread. */
const smallBytes = 1 << 20;

/** `onHealed` hears of damaged blobs whose bytes came again and took their place. */
export function openBlobStore(folder: string, onHealed: (digest: string) => void = () => undefined): BlobStore {
  makeBlobFolders(folder);
  rmSync(join(folder, 'tmp'), { recursive: true, force: true });
  mkdirSync(join(folder, 'tmp'), { mode: 0o700 });
  const copyScript = workerScript(import.meta.url, './copy-worker.ts');
  const own = workerThread<CopyOperations>(copyScript);
  const hash = workerThread<CopyOperations>(copyScript);
  const uploads = workerThread<UploadOperations>(workerScript(import.meta.url, './upload-worker.ts'));
  const flushes = workerThread<UploadOperations>(workerScript(import.meta.url, './upload-worker.ts'));
  const downloads = workerThread<DownloadOperations>(workerScript(import.meta.url, './download-worker.ts'));
  const verified = verifiedFiles();
  const pathOf = (digest: string): string => blobPath(folder, hexOf(digest));
  const writes = writesTo(onHealed);
  const group = takenFiles(folder, uploads, flushes, writes);
  return {
    folder,
    get failure() {
      return writes.failure();
    },
    pathOf,
    own: (source, root, onProgress) =>
      writes.run(() => own.call('own', { store: folder, source, root }, onProgress), source),
    receive: (stream) => writes.run(() => group.receive(stream)),
    take: (stream) => group.take(stream),
    settle: () => group.settle(),
    send: async (digest, size, into) => {
      if (size <= smallBytes) return void into.end(readVerified(digest, pathOf(digest)));
      await sendBytes(downloads, pathOf(digest), hexOf(digest), into).catch((error: unknown) =>
        refuseReading(error, digest),
      );
    },
    put: (bytes) => writes.runNow(() => ownBytes(folder, bytes)).digest,
    read: (digest) => readVerified(digest, pathOf(digest)),
    sizeOf: (digest) => statSync(pathOf(digest), { throwIfNoEntry: false })?.size,
    verify: (digest, onProgress) => verify(hash, verified, folder, digest, onProgress),
    isIntact: (path, digest, onProgress) => isIntact(hash, verified, path, hexOf(digest), onProgress),
    digestOf: async (path) => {
      const { sha256 } = await hash.call('hash', { path }).catch((error: unknown) => refuseSource(error, path));
      return `sha256:${sha256}`;
    },
    list: () => list(folder),
    remove: (digest) => rmSync(pathOf(digest), { force: true }),
    close: async () => {
      await Promise.all([own, hash, uploads, flushes, downloads].map((thread) => thread.close()));
    },
  };
}

/** A blob that cannot be read is as good as damaged. */
function refuseReading(error: unknown, digest: string): never {
  const code = systemCode(error);
  if (code === 'ENOENT')
    throw new RegistryError('gone', `The stored file ${digest} is missing. Run: plinth verify`, { digest });
  if (code === 'EIO')
    throw new RegistryError('damaged', `The stored file ${digest} is damaged. Run: plinth verify`, { digest });
  throw error;
}

/** The hex part of a digest. Refuses anything that is not one, so that no client's text ever becomes a path. */
export function hexOf(digest: string): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new RegistryError('invalid-request', 'A digest is sha256: followed by 64 hexadecimal digits.');
  return digest.slice('sha256:'.length);
}

function readVerified(digest: string, path: string): Buffer {
  const bytes = readBlob(digest, path);
  if (`sha256:${createHash('sha256').update(bytes).digest('hex')}` === digest) return bytes;
  throw new RegistryError('damaged', `The stored file ${digest} is damaged. Run: plinth verify`, { digest });
}

function readBlob(digest: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    return refuseReading(error, digest);
  }
}

type Thread = WorkerThread<CopyOperations>;

async function isIntact(
  thread: Thread,
  verified: Verified,
  path: string,
  sha256: string,
  onProgress: ((bytes: number) => void) | undefined,
): Promise<boolean> {
  if (verified.has(path, sha256)) return true;
  const hashed = await thread.call('hash', { path }, onProgress).catch(asUnreadable);
  if (hashed?.sha256 !== sha256) return false;
  if (hashed.fingerprint) verified.add(hashed.fingerprint, sha256);
  return true;
}

const unreadable = new Set(['EIO', 'EACCES', 'EPERM', 'ELOOP', 'ENOENT', 'ENOTDIR', 'NOT_REGULAR']);

function asUnreadable(error: unknown): undefined {
  if (unreadable.has(systemCode(error) ?? '')) return undefined;
  throw error;
}

/** Always reads. What is quarantined is the file that was read: good bytes may have taken its place meanwhile. */
async function verify(
  thread: Thread,
  verified: Verified,
  folder: string,
  digest: string,
  onProgress: ((bytes: number) => void) | undefined,
): Promise<'sound' | 'missing' | 'damaged'> {
  const path = blobPath(folder, hexOf(digest));
  const before = fileAt(path);
  if (before === undefined) return 'missing';
  const hashed = await thread.call('hash', { path }, onProgress).catch(asUnreadable);
  if (hashed && `sha256:${hashed.sha256}` === digest) {
    if (hashed.fingerprint) verified.add(hashed.fingerprint, hashed.sha256);
    return 'sound';
  }
  const now = fileAt(path);
  if (now === undefined) return 'missing';
  if (now !== (hashed?.file ?? before)) return verify(thread, verified, folder, digest, onProgress);
  quarantine(folder, hexOf(digest));
  return 'damaged';
}

/** Which file has this name, `device:number`. */
function fileAt(path: string): string | undefined {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}

function* list(folder: string): Generator<{ digest: string; madeAt: number; size: number }> {
  const top = join(folder, 'blobs', 'sha256');
  for (const prefix of readdirSync(top)) {
    for (const name of readdirSync(join(top, prefix))) {
      const stats = statSync(join(top, prefix, name), { throwIfNoEntry: false });
      if (stats) yield { digest: `sha256:${name}`, madeAt: stats.mtimeMs, size: stats.size };
    }
  }
}
