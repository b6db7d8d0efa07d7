import Sqlite from 'better-sqlite3';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../connection.ts';
import { messageOf } from '../../errors.ts';
import { head, verifyLog } from '../log.ts';
import { openForReading } from './open-for-reading.ts';

export interface BackupFacts {
  path: string;
  logId: string;
  /** Number of its newest event. */
  seq: number;
  /** Hash of that event, hex. */
  hash: string;
  versions: number;
  /** Time of its newest event by the clock of that time, epoch ms. */
  at: number;
}

/** Returns the folder of backups in a data folder. */
export function backupFolder(dataFolder: string): string {
  return join(dataFolder, 'backups');
}

/** Returns the backups in a data folder, newest first by name. */
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

/** Reads the facts of a backup without checking all of it; undefined for a file that is no registry with events. */
export function readBackup(path: string): BackupFacts | undefined {
  try {
    const db = openForReading(path);
    try {
      return factsIn(db);
    } finally {
      db.close();
    }
  } catch {
    return undefined;
  }
}

function factsIn(db: Database): BackupFacts | undefined {
  const { seq, hash } = head(db);
  if (seq === 0) return undefined;
  const versions = Number(db.sql('SELECT count(*) AS n FROM versions').get()?.['n'] ?? 0);
  const at = Number(db.sql('SELECT at FROM events ORDER BY seq DESC LIMIT 1').get()?.['at'] ?? 0);
  return { path: db.file, logId: db.logId, seq, hash: hash.toString('hex'), versions, at };
}

/** Returns the readable backups with events, newest first by name. */
export function readableBackups(dataFolder: string): BackupFacts[] {
  return backups(dataFolder).flatMap((path) => readBackup(path) ?? []);
}

/**
 * Returns the backup to restore: of the log that was backed up last, the intact one with the most events; else of the log before.
 * Reads every page of it. Undefined for none.
 */
export function bestBackup(dataFolder: string): BackupFacts | undefined {
  const byLog = Map.groupBy(readableBackups(dataFolder), ({ logId }) => logId);
  const ordered = [...byLog.values()].flatMap((group) => group.toSorted((a, b) => b.seq - a.seq));
  return ordered.find(({ path }) => faultIn(path) === undefined);
}

/** Returns why a file is no valid registry with events, by its pages and its chain; undefined for a valid one. */
export function faultIn(path: string): string | undefined {
  try {
    const raw = new Sqlite(path, { readonly: true, fileMustExist: true });
    const result = raw.pragma('quick_check', { simple: true });
    raw.close();
    if (result !== 'ok') return String(result);
    const copy = openForReading(path);
    try {
      const report = verifyLog(copy);
      if (report.events === 0) return 'it holds no events';
      return report.broken?.reason;
    } finally {
      copy.close();
    }
  } catch (error) {
    return messageOf(error);
  }
}
