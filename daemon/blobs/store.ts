import { lstatSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { RegistryError, systemCode } from '../errors.ts';
import { statAt } from '../runtime/file-reader.ts';
import { workerScript, workerThread, type WorkerThread } from '../runtime/worker-thread.ts';
import { groupedCalls } from '../runtime/grouped-calls.ts';
import { breather } from '../runtime/yield-to-event-loop.ts';
import { knownBytes, ownBytes, type Owned } from './copy.ts';
import type { CopyOperations } from './copy-worker.ts';
import { hashFile, type Hashed } from './hash.ts';
import { resumableUploads, type ResumableUploads } from './resumable.ts';
import { takenFiles } from './taken.ts';
import { blobPath, makeBlobFolders, quarantine, rememberSealed } from './seal.ts';
import { sendBytes } from './download.ts';
import type { DownloadOperations } from './download-worker.ts';
import type { UploadOperations } from './upload-worker.ts';
import type { StoreJob } from './store-group.ts';
import { verifiedFiles, type Verified } from './verified.ts';
import { refuseSource, writesTo } from './writes.ts';

/** Content-addressed storage: a blob is written once, read-only, under its SHA-256. Digests are `sha256:<hex>`. */
export interface BlobStore extends ResumableUploads {
  /** Data folder with `blobs/` and `tmp/`. */
  readonly folder: string;
  /** Set once the disk failed a write: from then on every write is refused with this sentence. */
  readonly failure: string | undefined;
  /**
   * Copies a file from below `root`. Resolves once its bytes and name are on disk. Rejects with code CHANGED, NOT_REGULAR,
   * OUTSIDE or a system error.
   */
  own(source: string, root: string, onProgress?: (bytes: number) => void): Promise<{ digest: string; size: number }>;
  /** Stores a client's stream. Resolves once bytes and name are on disk. Rejects, and leaves nothing, if the stream breaks off. */
  receive(stream: Readable): Promise<{ digest: string; size: number }>;
  /** Like `receive`, but a small stream is only written and hashed when this resolves. `settle` puts it on disk under its name. */
  take(stream: Readable): Promise<{ digest: string; size: number; isDurable: boolean }>;
  /** Puts everything on disk that was taken before. Rejects with the disk's error; may be repeated. */
  settle(): Promise<void>;
  /** Writes a blob to a client and ends the stream, verifying it meanwhile. Rejects with `damaged`, `gone`, or the stream's error. */
  send(digest: string, size: number, into: Writable): Promise<void>;
  /** Stores small bytes synchronously. */
  put(bytes: Uint8Array): string;
  /** Stores small bytes together with what else is stored meanwhile. Resolves once bytes and name are on disk. */
  store(bytes: Uint8Array): Promise<string>;
  /** Returns the verified content of a small blob. Throws `damaged` or `gone`. */
  read(digest: string): Buffer;
  /** Returns the size of a blob in bytes; undefined if it does not exist. */
  sizeOf(digest: string): number | undefined;
  /** Returns the absolute path of a blob's file, for reading only. */
  pathOf(digest: string): string;
  /** Re-hashes a blob from disk. Missing and damaged blobs are never served; a damaged one is moved to `quarantine/`. */
  verify(digest: string, onProgress?: (bytes: number) => void): Promise<'sound' | 'missing' | 'damaged'>;
  /**
   * Returns true if the file at `path`, no link, has the bytes of this digest. It is hashed, unless it was already and has not
   * been written since.
   */
  isIntact(path: string, digest: string, onProgress?: (bytes: number) => void): Promise<boolean>;
  /** Returns the digest of a file outside the store. */
  digestOf(path: string): Promise<string>;
  /** Yields every blob with its creation time (epoch ms) and size. */
  list(): Generator<{ digest: string; madeAt: number; size: number }>;
  /** Deletes a blob's bytes. The caller has made sure that nothing refers to it. */
  remove(digest: string): void;
  close(): Promise<void>;
}

/** Blobs up to this size are read and hashed synchronously, not in a thread. Files up to this size are stored in groups. */
const smallBytes = 1 << 20;
/** Small files that are stored together. */
const maxGroup = 128;

/** Opens the store. `onHealed` is called when stored bytes have replaced a damaged blob. */
export function openBlobStore(folder: string, onHealed: (digest: string) => void = () => undefined): BlobStore {
  makeBlobFolders(folder);
  rmSync(join(folder, 'tmp'), { recursive: true, force: true });
  mkdirSync(join(folder, 'tmp'), { mode: 0o700 });
  const copyScript = workerScript(import.meta.url, './copy-worker.ts');
  const lanes = lanesInto(folder, copyScript);
  const hashes = workerThread<CopyOperations>(copyScript);
  const hash = fileHasher(hashes);
  const uploads = workerThread<UploadOperations>(workerScript(import.meta.url, './upload-worker.ts'));
  const flushes = workerThread<UploadOperations>(workerScript(import.meta.url, './upload-worker.ts'));
  const downloads = workerThread<DownloadOperations>(workerScript(import.meta.url, './download-worker.ts'));
  const verified = verifiedFiles();
  const pathOf = (digest: string): string => blobPath(folder, hexOf(digest));
  const writes = writesTo(onHealed);
  const parts = resumableUploads(folder, uploads, writes);
  const group = takenFiles(folder, uploads, flushes, writes);
  return {
    folder,
    get failure() {
      return writes.failure();
    },
    pathOf,
    own: (source, root, onProgress) => writes.run(() => lanes.own(source, root, onProgress), source),
    receive: (stream) => writes.run(() => group.receive(stream)),
    ...parts,
    take: (stream) => group.take(stream),
    settle: () => group.settle(),
    send: async (digest, size, into) => {
      if (size <= smallBytes) return void into.end(readVerified(digest, pathOf(digest)));
      await sendBytes(downloads, pathOf(digest), hexOf(digest), into).catch((error: unknown) =>
        refuseReading(error, digest),
      );
    },
    put: (bytes) => writes.runNow(() => ownBytes(folder, bytes)).digest,
    store: async (bytes) => (await writes.run(() => lanes.store(bytes))).digest,
    read: (digest) => readVerified(digest, pathOf(digest)),
    sizeOf: (digest) => statSync(pathOf(digest), { throwIfNoEntry: false })?.size,
    verify: (digest, onProgress) => verify(hash, verified, folder, digest, onProgress),
    isIntact: (path, digest, onProgress) => isIntact(hash, verified, path, hexOf(digest), onProgress),
    digestOf: async (path) => {
      const { sha256 } = await hashes.call('hash', { path }).catch((error: unknown) => refuseSource(error, path));
      return `sha256:${sha256}`;
    },
    list: () => list(folder),
    remove: (digest) => rmSync(pathOf(digest), { force: true }),
    close: async () => {
      await Promise.all([lanes, hashes, uploads, flushes, downloads].map((thread) => thread.close()));
    },
  };
}

/** Stores files: small ones and bytes in groups, and large ones in a thread of their own, so that no small one waits for them. */
interface Lanes {
  own(source: string, root: string, onProgress?: (bytes: number) => void): Promise<Owned>;
  store(bytes: Uint8Array): Promise<Owned>;
  close(): Promise<void>;
}

function lanesInto(folder: string, script: URL): Lanes {
  const large = workerThread<CopyOperations>(script);
  const small = workerThread<CopyOperations>(script);
  let isClosed = false;
  const storeInGroup = groupedCalls<StoreJob, Owned>(async (jobs) => {
    if (isClosed) throw new Error('the service is stopping');
    return small.call('storeAll', { store: folder, jobs });
  }, maxGroup);
  return {
    own: (source, root, onProgress) =>
      isSmall(source) ? storeInGroup({ source, root }) : large.call('own', { store: folder, source, root }, onProgress),
    store: async (bytes) => {
      const known = knownBytes(folder, bytes);
      if (known) return known;
      const owned = await storeInGroup({ bytes });
      if (owned.known) rememberSealed(owned.sha256, owned.known);
      return owned;
    },
    close: async () => {
      isClosed = true;
      await Promise.all([large.close(), small.close()]);
    },
  };
}

/** Returns true for a file that is stored in a group, so that it never waits for a large one. A file that grows meanwhile is no longer small. */
function isSmall(path: string): boolean {
  return (statAt(path)?.size ?? Infinity) <= smallBytes;
}

/** Throws the refusal for a blob that cannot be read, which counts as damaged. */
function refuseReading(error: unknown, digest: string): never {
  const code = systemCode(error);
  if (code === 'ENOENT')
    throw new RegistryError('gone', `The stored file ${digest} is missing. Run: plinth verify`, { digest });
  if (code === 'EIO')
    throw new RegistryError('damaged', `The stored file ${digest} is damaged. Run: plinth verify`, { digest });
  throw error;
}

/** Returns the hex part of a digest. Throws for any other text, so that no client's text becomes a path. */
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

type HashFile = (path: string, onProgress: ((bytes: number) => void) | undefined) => Promise<Hashed>;

/**
 * Returns a function that hashes files: small ones at once, as a thread takes longer to start than they take to read, with pauses
 * for the event loop; all others in the thread.
 */
function fileHasher(thread: WorkerThread<CopyOperations>): HashFile {
  const breathe = breather();
  return async (path, onProgress) => {
    if (statSync(path).size > smallBytes) return thread.call('hash', { path }, onProgress);
    await breathe();
    return hashFile(path);
  };
}

async function isIntact(
  hash: HashFile,
  verified: Verified,
  path: string,
  sha256: string,
  onProgress: ((bytes: number) => void) | undefined,
): Promise<boolean> {
  if (verified.has(path, sha256)) return true;
  const hashed = await hash(path, onProgress).catch(asUnreadable);
  if (hashed?.sha256 !== sha256) return false;
  if (hashed.fingerprint) verified.add(hashed.fingerprint, sha256);
  return true;
}

const unreadable = new Set(['EIO', 'EACCES', 'EPERM', 'ELOOP', 'ENOENT', 'ENOTDIR', 'NOT_REGULAR']);

function asUnreadable(error: unknown): undefined {
  if (unreadable.has(systemCode(error) ?? '')) return undefined;
  throw error;
}

/** Re-hashes a blob, always reading it. Quarantines the file that was read, as good bytes may have replaced it meanwhile. */
async function verify(
  hash: HashFile,
  verified: Verified,
  folder: string,
  digest: string,
  onProgress: ((bytes: number) => void) | undefined,
): Promise<'sound' | 'missing' | 'damaged'> {
  const path = blobPath(folder, hexOf(digest));
  const before = fileAt(path);
  if (before === undefined) return 'missing';
  const hashed = await hash(path, onProgress).catch(asUnreadable);
  if (hashed && `sha256:${hashed.sha256}` === digest) {
    if (hashed.fingerprint) verified.add(hashed.fingerprint, hashed.sha256);
    return 'sound';
  }
  const now = fileAt(path);
  if (now === undefined) return 'missing';
  if (now !== (hashed?.file ?? before)) return verify(hash, verified, folder, digest, onProgress);
  quarantine(folder, hexOf(digest));
  return 'damaged';
}

/** Returns the identity of the file with this name, `device:number`. */
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
