import Sqlite from 'better-sqlite3';
import { chmodSync, closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncFile, syncFolder } from '../../runtime/write-file.ts';

/**
 * Copies the database before a migration to a file beside it, and checks the copy before it gets its name. Synchronous, because
 * nothing may run before it is done. A good copy of an earlier migration is kept.
 */
export function copyBeforeMigration(raw: Sqlite.Database, file: string, schema: number): void {
  const now = newest(raw);
  for (let number = 1; ; number += 1) {
    const copy = `${file}.schema-${schema}${number === 1 ? '' : `-${number}`}`;
    const state = existsSync(copy) ? stateOf(copy, raw, now) : 'useless';
    if (state === 'same') return;
    if (state === 'useless') return make(raw, copy, now);
  }
}

/** Returns number and hash of the newest event as one text. */
function newest(raw: Sqlite.Database): string {
  const row = raw
    .prepare<[], { seq: number; hash: Buffer }>('SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1')
    .get();
  return row ? `${row.seq} ${row.hash.toString('hex')}` : '';
}

/**
 * Returns the state of a copy. `same`: valid, with the same newest event; `other`: a registry with events that this one lacks;
 * `useless`: anything else.
 */
function stateOf(copy: string, raw: Sqlite.Database, now: string): 'same' | 'other' | 'useless' {
  const head = soundHead(copy);
  if (head === undefined) return 'useless';
  if (head === now) return 'same';
  const [seq = '0', hash = ''] = head.split(' ');
  const known = raw.prepare('SELECT lower(hex(hash)) FROM events WHERE seq = ?').pluck().get(Number(seq));
  return known === hash ? 'useless' : 'other';
}

/** Returns the newest event of a copy that passes its check; undefined for others, such as a half-written one. */
function soundHead(copy: string): string | undefined {
  try {
    const raw = new Sqlite(copy, { readonly: true, fileMustExist: true });
    try {
      return raw.pragma('integrity_check', { simple: true }) === 'ok' ? newest(raw) : undefined;
    } finally {
      raw.close();
    }
  } catch {
    return undefined;
  }
}

function make(raw: Sqlite.Database, copy: string, now: string): void {
  const temp = `${copy}.part`;
  rmSync(temp, { force: true });
  closeSync(openSync(temp, 'wx', 0o600));
  try {
    raw.prepare('VACUUM INTO ?').run(temp);
    const head = soundHead(temp);
    if (head !== now) throw new Error('the backup before migration failed its check');
    syncFile(temp);
    if (process.platform !== 'win32') chmodSync(temp, 0o600);
    renameSync(temp, copy);
    syncFolder(dirname(copy));
  } catch (error) {
    rmSync(temp, { force: true });
    throw error;
  }
}
