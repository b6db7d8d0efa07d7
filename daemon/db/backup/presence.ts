import type Sqlite from 'better-sqlite3';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { defaultDataFolder } from '../../config.ts';
import { RegistryError } from '../../errors.ts';
import { backups, bestBackup, readableBackups, type BackupFacts } from './backup-files.ts';

/** Tolerance of file times: file systems record them a little late. */
export const fileTimeSlackMs = 2000;

/** Returns true for a registry file that is missing or empty. */
export function isMissing(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0;
}

/** Throws `damaged` if the registry file is missing although stored files or backups of one exist. */
export function assertNotLost(dataFolder: string, file: string): void {
  refuseBeside(dataFolder, file, 'is missing', -Infinity);
}

/**
 * Throws `damaged` for a registry without events if there are stored files or backups that it cannot have made. Accepts one that
 * was started on purpose, or that was killed before its first event.
 */
export function assertNotEmptied(raw: Sqlite.Database, dataFolder: string, file: string): void {
  const tables = raw.prepare(`SELECT count(*) FROM sqlite_master WHERE name IN ('meta', 'events')`).pluck().get();
  if (tables !== 2) return refuseBeside(dataFolder, file, 'holds no registry', -Infinity);
  if (raw.prepare('SELECT 1 FROM events LIMIT 1').get() !== undefined) return;
  const meta = (key: string): number =>
    Number(raw.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(key) ?? NaN);
  if (Number.isFinite(meta('takenOverAt'))) return;
  const createdAt = meta('createdAt');
  refuseBeside(dataFolder, file, 'holds no events', Number.isFinite(createdAt) ? createdAt : -Infinity);
}

/** Throws `damaged` if there is a backup with events, an unreadable backup, or a blob written before `since`. */
function refuseBeside(dataFolder: string, file: string, what: string, since: number): void {
  const older = Number.isFinite(since)
    ? (path: string): boolean => bornAt(path) < since - fileTimeSlackMs
    : (): boolean => true;
  const blobs = countBlobs(dataFolder, older);
  const kept = Number.isFinite(since) ? readableBackups(dataFolder).length : backups(dataFolder).length;
  if (blobs + kept === 0) return;
  const there = `${countOf(blobs, 'stored file')} and ${countOf(kept, 'backup')} of a registry are there`;
  const start = commandOn(dataFolder, 'serve --new-registry');
  const { way, backup } = wayBack(dataFolder);
  const text = `The registry ${file} ${what}, but ${there}: ${way}; or start a new registry and keep every stored file with: ${start}`;
  throw new RegistryError('damaged', text, { file, blobs, backups: kept, backup });
}

/** Describes how to restore a lost or damaged registry: the newest backup that passes its check, with the command. */
export function wayBack(dataFolder: string): { way: string; backup: string | null } {
  const best = bestBackup(dataFolder);
  if (!best) {
    const command = commandOn(dataFolder, 'restore-backup FILE');
    return { way: `no good backup is here; put back a copy of your own with: ${command}`, backup: null };
  }
  const command = commandOn(dataFolder, `restore-backup ${quoted(best.path)}`);
  return { way: `put back the newest good backup (${describeBackup(best)}) with: ${command}`, backup: best.path };
}

function describeBackup({ versions, seq, at }: BackupFacts): string {
  return `${countOf(versions, 'version')}, ${countOf(seq, 'event')}, the last of ${new Date(at).toISOString()}`;
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function countBlobs(dataFolder: string, counts: (path: string) => boolean): number {
  const top = join(dataFolder, 'blobs', 'sha256');
  let count = 0;
  for (const prefix of namesIn(top)) {
    for (const name of namesIn(join(top, prefix))) if (counts(join(top, prefix, name))) count += 1;
  }
  return count;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Returns when a file was first written: its birth time if the file system records it, as storing the same bytes again renews the other. */
export function bornAt(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return Infinity;
  return stats.birthtimeMs > 0 ? Math.min(stats.birthtimeMs, stats.mtimeMs) : stats.mtimeMs;
}

/** Returns a command line that refers to this data folder wherever it is run. */
export function commandOn(dataFolder: string, command: string): string {
  return dataFolder === defaultDataFolder() ? `plinth ${command}` : `plinth ${command} --data ${quoted(dataFolder)}`;
}

function quoted(path: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(path) ? path : `"${path}"`;
}
