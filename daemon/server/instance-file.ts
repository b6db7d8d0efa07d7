import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DaemonFile } from '../protocol/handshake.ts';
import { ensureFolder, writeWhole } from '../runtime/write-file.ts';

/** Stays the same from one start to the next: the token and the port, as long as it is free. */
export interface Identity {
  token: string;
  port: number;
  /** For MLflow's clients: of use on MLflow's routes only, and renewed without the other. */
  mlflow: string;
}

/** Makes the data folder, readable by its user only. The rights of a folder that is there already are left alone. */
export function prepareFolder(folder: string): void {
  ensureFolder(folder);
}

/** Why others may look into the data folder; undefined where they may not. */
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

/** Removes what a process that was killed while it wrote these files left beside them. Only for the holder of the lock. */
export function tidyPrivate(folder: string): void {
  const left = /^\.(identity|daemon)\.json\.[0-9a-f]+\.part$|^(identity|daemon)\.json\.\d+$/;
  for (const name of readdirSync(folder)) if (left.test(name)) rmSync(join(folder, name), { force: true });
}

function writePrivate(folder: string, name: string, content: unknown): void {
  writeWhole(join(folder, name), JSON.stringify(content), { mode: 0o600 });
}
