import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { RegistryError, diskFull, isDiskFull, systemCode } from '../errors.ts';
import { ensureFolder } from '../whole-file.ts';
import { workerThread, type WorkerThread } from '../worker-thread.ts';
import { blobPath, ownBytes, type Owned } from './copy.ts';
import type { CopyReply, CopyRequest } from './copy-worker.ts';
import { receiveBytes } from './receive.ts';
import { sendBytes } from './send.ts';

/** Content-addressed bytes: a blob is written once, read-only, under its SHA-256. Digests are `sha256:<hex>`. */
export interface BlobStore {
  /** The data folder that holds `blobs/` and `tmp/`. */
  readonly folder: string;
  /** Copies a file from below `root` in; resolves once its bytes and its name are on disk. Rejects with code CHANGED, NOT_REGULAR, OUTSIDE or a system error. */
  own(source: string, root: string, onProgress?: (bytes: number) => void): Promise<{ digest: string; size: number }>;
  /** Takes in what a client sends; resolves once bytes and name are on disk. Rejects, leaving nothing, when the stream breaks off. */
  receive(stream: Readable): Promise<{ digest: string; size: number }>;
  /** Writes a blob to a client and ends the stream, verified on the way. Rejects with `damaged`, `gone`, or as the stream breaks. */
  send(digest: string, size: number, into: Writable): Promise<void>;
  /** Puts small bytes in, at once. */
  put(bytes: Uint8Array): string;
  /** The whole content of a small blob, verified. Throws `damaged` or `gone`. */
  read(digest: string): Buffer;
  has(digest: string): boolean;
  /** Absolute path of the blob's file, to be opened for reading only. */
  pathOf(digest: string): string;
  /** Re-hashes the blob from disk. `missing` and `damaged` blobs are never served; a damaged one is moved to `quarantine/`. */
  verify(digest: string, onProgress?: (bytes: number) => void): Promise<'sound' | 'missing' | 'damaged'>;
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

export function openBlobStore(folder: string): BlobStore {
  ensureFolder(join(folder, 'blobs', 'sha256'));
  rmSync(join(folder, 'tmp'), { recursive: true, force: true });
  mkdirSync(join(folder, 'tmp'), { mode: 0o700 });
  const own = copyThread();
  const hash = copyThread();
  const uploads = copyThread();
  const downloads = copyThread();
  const pathOf = (digest: string): string => blobPath(folder, hexOf(digest));
  return {
    folder,
    pathOf,
    own: async (source, root, onProgress) => {
      const reply = (await own
        .call({ op: 'own', store: folder, source, root }, asBytes(onProgress))
        .catch(asRefusal)) as Owned;
      return { digest: `sha256:${reply.sha256}`, size: reply.size };
    },
    receive: async (stream) => {
      const reply = await receiveBytes(uploads, folder, stream).catch(asRefusal);
      return { digest: `sha256:${reply.sha256}`, size: reply.size };
    },
    send: async (digest, size, into) => {
      if (size <= smallBytes) return void into.end(readVerified(digest, pathOf(digest)));
      await sendBytes(downloads, pathOf(digest), hexOf(digest), into);
    },
    put: (bytes) => `sha256:${attempt(() => ownBytes(folder, bytes)).sha256}`,
    read: (digest) => readVerified(digest, pathOf(digest)),
    has: (digest) => existsSync(pathOf(digest)),
    verify: (digest, onProgress) => verify(hash, folder, digest, pathOf(digest), onProgress),
    digestOf: async (path) => `sha256:${await hashOf(hash, path)}`,
    list: () => list(folder),
    remove: (digest) => rmSync(pathOf(digest), { force: true }),
    close: async () => {
      await Promise.all([own.close(), hash.close(), uploads.close(), downloads.close()]);
    },
  };
}

/** The hex part of a digest. Refuses anything that is not one, so that no client's text ever becomes a path. */
export function hexOf(digest: string): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new RegistryError('invalid-request', 'a digest is sha256: and 64 hex digits');
  return digest.slice('sha256:'.length);
}

function copyThread(): WorkerThread<CopyRequest, CopyReply> {
  const name = import.meta.url.endsWith('.ts') ? './copy-worker.ts' : './copy-worker.js';
  return workerThread<CopyRequest, CopyReply>(new URL(name, import.meta.url));
}

function asBytes(onProgress: ((bytes: number) => void) | undefined): ((value: unknown) => void) | undefined {
  return onProgress && ((value) => onProgress(Number(value)));
}

function attempt<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    return asRefusal(error);
  }
}

function asRefusal(error: unknown): never {
  throw isDiskFull(error) ? diskFull() : error;
}

function readVerified(digest: string, path: string): Buffer {
  if (!existsSync(path)) throw new RegistryError('gone', `blob ${digest} is missing; run: plinth verify`, { digest });
  const bytes = readFileSync(path);
  if (`sha256:${createHash('sha256').update(bytes).digest('hex')}` === digest) return bytes;
  throw new RegistryError('damaged', `blob ${digest} is damaged; run: plinth verify`, { digest });
}

async function hashOf(
  thread: WorkerThread<CopyRequest, CopyReply>,
  path: string,
  onProgress?: (bytes: number) => void,
): Promise<string> {
  const reply = await thread.call({ op: 'hash', path }, asBytes(onProgress));
  return 'sha256' in reply ? (reply.sha256 ?? '') : '';
}

async function verify(
  thread: WorkerThread<CopyRequest, CopyReply>,
  folder: string,
  digest: string,
  path: string,
  onProgress: ((bytes: number) => void) | undefined,
): Promise<'sound' | 'missing' | 'damaged'> {
  if (!existsSync(path)) return 'missing';
  const found = await hashOf(thread, path, onProgress).catch((error: unknown) => {
    if (systemCode(error) === 'EIO') return 'unreadable';
    throw error;
  });
  if (`sha256:${found}` === digest) return 'sound';
  mkdirSync(join(folder, 'quarantine'), { recursive: true, mode: 0o700 });
  renameSync(path, join(folder, 'quarantine', hexOf(digest)));
  return 'damaged';
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
