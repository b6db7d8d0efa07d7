import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DaemonFile } from '../protocol/handshake.ts';
import { ensureFolder, writeWhole } from '../runtime/write-file.ts';

/** Data kept from one start to the next: tokens, and the port if it is free. */
export interface Identity {
  token: string;
  port: number;
  /** Token for MLflow's clients, valid only for MLflow's routes and renewed separately. */
  mlflow: string;
}

/** Creates the data folder, accessible only by its user. An existing folder keeps its permissions. */
export function prepareFolder(folder: string): void {
  ensureFolder(folder);
}

/** Returns a warning if other users may enter the data folder; undefined if they may not. */
export function widthOf(folder: string): string | undefined {
  if (process.platform === 'win32') return undefined;
  const rights = statSync(folder).mode & 0o777;
  if ((rights & 0o077) === 0) return undefined;
  return `Other users may enter the data folder ${folder} (mode ${rights.toString(8)}); close it with: chmod 700 ${folder}`;
}

export function readIdentity(folder: string): Identity {
  try {
    const { token, port, mlflow } = JSON.parse(readFileSync(join(folder, 'identity.json'), 'utf8')) as Identity;
    if (isToken(token) && Number.isInteger(port)) return { token, port, mlflow: isToken(mlflow) ? mlflow : newToken() };
  } catch {
    // First start, or an unusable file: a new identity is created.
  }
  return { token: newToken(), port: 0, mlflow: newToken() };
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 43;
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Replaces the token for MLflow's clients; the old one becomes invalid. */
export function renewMlflow(folder: string, identity: Identity): string {
  identity.mlflow = newToken();
  writeIdentity(folder, { ...identity, port: readIdentity(folder).port });
  return identity.mlflow;
}

export function writeIdentity(folder: string, identity: Identity): void {
  writePrivate(folder, 'identity.json', identity);
}

/** Writes where the running service can be reached. The file is removed when it stops. */
export function announce(folder: string, file: DaemonFile): void {
  writePrivate(folder, 'daemon.json', file);
}

export function withdraw(folder: string): void {
  rmSync(join(folder, 'daemon.json'), { force: true });
}

/** Removes temporary files of a process that was killed while it wrote these files. Only for the holder of the lock. */
export function tidyPrivate(folder: string): void {
  const left = /^\.(identity|daemon)\.json\.[0-9a-f]+\.part$|^(identity|daemon)\.json\.\d+$/;
  for (const name of readdirSync(folder)) if (left.test(name)) rmSync(join(folder, name), { force: true });
}

function writePrivate(folder: string, name: string, content: unknown): void {
  writeWhole(join(folder, name), JSON.stringify(content), { mode: 0o600 });
}
