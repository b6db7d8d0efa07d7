import { createHash, type Hash } from 'node:crypto';
import { closeSync, createReadStream, read, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import type { ClientRequest } from 'node:http';
import { hostname } from 'node:os';
import { basename, dirname, join, relative, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { RegistryError } from '../../errors.ts';
import { projectAround } from '../../ingest/disk/project.ts';
import { openRegular } from '../../runtime/file-reader.ts';
import type { Evidence } from '../../protocol/evidence.ts';
import type { ManifestFile } from '../../protocol/model.ts';
import type { Registered } from '../../protocol/routes/versions.ts';
import type { OfVersion } from '../../protocol/shapes.ts';
import type { Client } from './request.ts';
import type { WriteBody } from './send.ts';
import { Unavailable } from './unavailable.ts';

/** Called while bytes are sent: how many of all. */
export type OnSent = (done: number, total: number) => void;

/** Sends a file or folder to a service on another machine, which registers it as the next version of a model. */
export async function registerByUpload(
  client: Client,
  { path, model, again }: { path: string; model?: string | undefined; again?: boolean | undefined },
  onSent: OnSent,
): Promise<Registered> {
  const wholeFolder = (await stat(path)).isDirectory();
  const paths = wholeFolder ? await filesBelow(path) : [path];
  const sizes = await Promise.all(paths.map(async (one) => stat(one)));
  const total = sizes.reduce((sum, { size }) => sum + size, 0);
  const files: ManifestFile[] = [];
  let before = 0;
  for (const one of paths) {
    const { sha256, size } = await uploadFile(client, one, (done) => onSent(before + done, total));
    before += size;
    files.push({ path: wholeFolder ? portable(relative(path, one)) : basename(one), size, sha256 });
  }
  const writtenAt = Math.floor(Math.max(...sizes.map(({ mtimeMs }) => mtimeMs)));
  const { top, name, key } = projectAround(wholeFolder ? path : dirname(path));
  const project = { top: portable(top), name, key: portable(key) };
  const from = `${hostname()
    .replaceAll(/[^\w.-]/g, '-')
    .padEnd(2, '-')}:${portable(path)}`;
  return client.call('POST /register/uploaded', { model, project, files, wholeFolder, from, writtenAt, again });
}

function portable(path: string): string {
  return path.split(sep).join('/');
}

/** Sends a file to a service on another machine, which adds it to the evidence of a version. */
export async function attachByUpload(client: Client, of: OfVersion, path: string, onSent: OnSent): Promise<Evidence> {
  const { size } = await stat(path);
  const { sha256 } = await uploadFile(client, path, (done) => onSent(done, size));
  const request = { ...of, name: basename(path), digest: `sha256:${sha256}` };
  return client.call('POST /models/:model/versions/:version/attach/uploaded', request);
}

const maxFiles = 10_000;

/** Returns the regular files below a folder, sorted. Links and hidden files are left out. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const shown = files.filter(
    (file) =>
      !relative(folder, file)
        .split(sep)
        .some((part) => part.startsWith('.')),
  );
  if (shown.length === 0) throw new RegistryError('invalid-request', `${folder} contains no files.`);
  if (shown.length > maxFiles)
    throw new RegistryError(
      'too-large',
      `${folder} contains more than ${maxFiles} files. Register a folder with one model.`,
    );
  return shown.toSorted();
}

const retryMs = [200, 1000, 3000, 8000];

/**
 * Sends one file and returns its checksum, which the service has confirmed. Continues after a lost connection, as often as something has arrived
 * in between, and where an earlier call ended.
 */
async function uploadFile(
  client: Client,
  path: string,
  onSent: (done: number) => void,
): Promise<{ sha256: string; size: number }> {
  const before = statSync(path, { bigint: true });
  const identity = JSON.stringify([path, `${before.size}`, `${before.mtimeNs}`, `${before.ino}`]);
  const key = createHash('sha256').update(identity).digest('hex');
  const size = Number(before.size);
  let arrived = 0;
  for (let lost = 0; ; lost += 1) {
    try {
      const { received } = await client.call('GET /uploads/:key', { key });
      if (received > arrived) [lost, arrived] = [0, received];
      const sha256 = await sendRest(client, { key, path, size, received }, onSent);
      const after = statSync(path, { bigint: true });
      if (after.mtimeNs === before.mtimeNs && after.size === before.size) return { sha256, size };
      throw stillWritten(path);
    } catch (error) {
      const wait = retryMs[lost];
      if (!isTemporary(error)) throw error;
      if (wait === undefined) throw arrived > 0 && error instanceof Unavailable ? continuable(error) : error;
      await sleep(wait);
    }
  }
}

/** True for a lost connection, and for an upload that the service still believes to be going on over it. */
function isTemporary(error: unknown): boolean {
  return error instanceof Unavailable || (error instanceof RegistryError && 'received' in error.details);
}

function continuable({ message }: Unavailable): Unavailable {
  return new Unavailable(`${message}. What has arrived is kept for a day: the same command goes on from there`);
}

async function sendRest(
  client: Client,
  { key, path, size, received }: { key: string; path: string; size: number; received: number },
  onSent: (done: number) => void,
): Promise<string> {
  const offset = Math.min(received, size);
  const hash = await hashOfFirst(path, offset);
  const write: WriteBody = (request) =>
    writeRest(request, path, { offset, size }, (part, sent) => {
      hash.update(part);
      onSent(sent);
    });
  const reply = await client.sendPart(key, { offset, size }, { length: size - offset, write });
  const sha256 = hash.digest('hex');
  if (reply.digest === `sha256:${sha256}`) return sha256;
  throw new RegistryError(
    'damaged',
    `${path} arrived damaged, or was written meanwhile. Nothing was registered; try again.`,
  );
}

function stillWritten(path: string): RegistryError {
  return new RegistryError('conflict', `${path} is still being written. Try again when the writer has finished.`);
}

const chunkBytes = 1 << 20;
const readFrom = promisify(read);

/**
 * Writes the rest of a file, unless the service answers before. Two buffers take turns: one is read and hashed while the other is sent. With a
 * new one for each chunk, the collector would run all the time.
 */
async function writeRest(
  request: ClientRequest,
  path: string,
  { offset, size }: { offset: number; size: number },
  onPart: (part: Buffer, sent: number) => void,
): Promise<void> {
  let isOver = false;
  const over = new Promise<void>((resolve) => {
    const end = (): void => {
      isOver = true;
      resolve();
    };
    request.once('close', end).once('response', end);
  });
  let [turn, other] = [newTurn(), newTurn()];
  const { handle } = openRegular(path);
  try {
    for (let at = offset; at < size; [turn, other] = [other, turn]) {
      await Promise.race([turn.sent, over]);
      if (isOver) return;
      const { bytesRead } = await readFrom(handle, turn.buffer, 0, Math.min(chunkBytes, size - at), at);
      if (bytesRead === 0) throw stillWritten(path);
      const part = turn.buffer.subarray(0, bytesRead);
      turn.sent = new Promise((resolve) => void request.write(part, () => resolve()));
      at += bytesRead;
      onPart(part, at);
    }
  } finally {
    closeSync(handle);
  }
}

interface Turn {
  buffer: Buffer;
  sent: Promise<void>;
}

function newTurn(): Turn {
  return { buffer: Buffer.allocUnsafe(chunkBytes), sent: Promise.resolve() };
}

async function hashOfFirst(path: string, bytes: number): Promise<Hash> {
  const hash = createHash('sha256');
  if (bytes === 0) return hash;
  for await (const chunk of createReadStream(path, {
    fd: openRegular(path).handle,
    end: bytes - 1,
    highWaterMark: 1 << 20,
  }))
    hash.update(chunk as Buffer);
  return hash;
}
