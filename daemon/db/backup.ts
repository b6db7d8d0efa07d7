import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Database } from './database.ts';
import { openForReading } from './database.ts';
import { verifyLog } from './log.ts';

const kept = 7;

/** Where backups lie in a data folder. */
export function backupFolder(dataFolder: string): string {
  return join(dataFolder, 'backups');
}

/** Copies the database while it is used, verifies the copy's chain, and keeps the newest seven. Returns the copy's path and size. */
export async function backup(db: Database, dataFolder: string, now: number): Promise<{ path: string; bytes: number }> {
  const folder = backupFolder(dataFolder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `registry-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}.db`);
  const temp = `${path}.part`;
  await db.raw.backup(temp);
  assertSound(temp);
  renameSync(temp, path);
  for (const old of backups(dataFolder).slice(kept)) rmSync(old);
  return { path, bytes: statSync(path).size };
}

/** Backups in a data folder, the newest first. */
export function backups(dataFolder: string): string[] {
  const folder = backupFolder(dataFolder);
  try {
    const names = readdirSync(folder).filter((name) => /^registry-.*\.db$/.test(name));
    return names
      .sort()
      .reverse()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** Throws when a copy is no sound registry: its pages, then its chain. */
export function assertSound(file: string): void {
  const raw = new Sqlite(file);
  raw.pragma('journal_mode = DELETE');
  const verdict = raw.pragma('quick_check', { simple: true });
  raw.close();
  if (verdict !== 'ok') throw new Error(`the backup ${file} failed its check: ${String(verdict)}`);
  const copy = openForReading(file);
  const report = verifyLog(copy);
  copy.close();
  if (report.broken) throw new Error(`the backup ${file} failed its check: ${report.broken.reason}`);
}
