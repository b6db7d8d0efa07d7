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
  /** For MLflow's clients: of use on MLflow's routes only, and renewed without the other. */
  mlflow: string;
}

/** Makes the data folder, readable by its user only. */
export function prepareFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.platform !== 'win32') chmodSync(folder, 0o700);
}

export function readIdentity(folder: string): Identity {
  try {
    const { token, port, mlflow } = JSON.parse(readFileSync(join(folder, 'identity.json'), 'utf8')) as Identity;
    if (isToken(token) && Number.isInteger(port)) return { token, port, mlflow: isToken(mlflow) ? mlflow : newToken() };
  } catch {
    // a first start, or a file that is of no use: a new identity is made
  }
  return { token: newToken(), port: 0, mlflow: newToken() };
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 43;
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Gives MLflow's clients another token; the old one is of no use from now on. */
export function renewMlflow(folder: string, identity: Identity): string {
  identity.mlflow = newToken();
  writeIdentity(folder, { ...identity, port: readIdentity(folder).port });
  return identity.mlflow;
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
