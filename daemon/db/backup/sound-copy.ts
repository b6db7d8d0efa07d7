import { chmodSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { faultIn } from './backup-files.ts';

/** Throws if a copy is no valid registry with events. Converts it from WAL mode. Reads all of it: not for the event loop. */
export function assertSound(file: string): void {
  const raw = new Sqlite(file);
  try {
    raw.pragma('journal_mode = DELETE');
  } finally {
    raw.close();
  }
  if (process.platform !== 'win32') chmodSync(file, 0o600);
  const fault = faultIn(file);
  if (fault !== undefined) throw new Error(`the backup ${file} failed its check: ${fault}`);
}
