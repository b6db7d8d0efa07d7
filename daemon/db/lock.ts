import Sqlite from 'better-sqlite3';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../errors.ts';

/** A lock held while the process lives. The kernel releases it however the process ends. */
export interface Lock {
  release(): void;
}

/** Locks the data folder for this process; undefined if another process has it. */
export function lockFolder(folder: string): Lock | undefined {
  const file = join(folder, 'lock.db');
  closeSync(openSync(file, 'a', 0o600));
  const raw = new Sqlite(file, { timeout: 0 });
  try {
    raw.pragma('locking_mode = EXCLUSIVE');
    raw.exec('BEGIN EXCLUSIVE');
    return { release: () => raw.close() };
  } catch (error) {
    raw.close();
    if (systemCode(error)?.startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
}
