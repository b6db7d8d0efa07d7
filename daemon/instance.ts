import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { DaemonFile } from './protocol/handshake.ts';

/** What stays the same from one start to the next: the token and the port, as long as it is free. */
export interface Identity {
  token: string;
  port: number;
}

/** Makes the data folder, readable by its user only. */
export function prepareFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.platform !== 'win32') chmodSync(folder, 0o700);
}

export function readIdentity(folder: string): Identity {
  try {
    const { token, port } = JSON.parse(readFileSync(join(folder, 'identity.json'), 'utf8')) as Identity;
    if (typeof token === 'string' && token.length >= 43 && Number.isInteger(port)) return { token, port };
  } catch {
    // a first start, or a file that is of no use: a new identity is made
  }
  return { token: randomBytes(32).toString('base64url'), port: 0 };
}

export function writeIdentity(folder: string, identity: Identity): void {
  writePrivate(folder, 'identity.json', identity);
}

/** Says where the running daemon is. Removed when it stops. */
export function announce(folder: string, file: DaemonFile): void {
  writePrivate(folder, 'daemon.json', file);
}

export function withdraw(folder: string): void {
  rmSync(join(folder, 'daemon.json'), { force: true });
}

/** Written beside and renamed; mode 0600 from its first byte on; never through a link. */
function writePrivate(folder: string, name: string, content: unknown): void {
  const temp = join(folder, `${name}.${process.pid}`);
  rmSync(temp, { force: true });
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  const handle = openSync(temp, flags, 0o600);
  writeSync(handle, JSON.stringify(content));
  closeSync(handle);
  renameSync(temp, join(folder, name));
}
