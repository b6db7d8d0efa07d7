import { openScratch, type Database } from '../database.ts';
import { openForReading } from '../backup/open-for-reading.ts';
import { head, misfiledEvents, verifyLog } from '../log.ts';
import { replay } from '../rebuild.ts';
import { RegistryError, messageOf } from '../../errors.ts';
import type { LogHead, VerifyFault } from '../../protocol/verify.ts';
import { backupHead, headFaults } from './heads.ts';
import { noteFaults } from './notes.ts';
import { schemaFaults } from './schema.ts';
import { tableFaults, tablesAhead } from './tables.ts';

export const restoreFix = 'Put back a backup with: plinth restore-backup';
export const rebuildFix = 'Stop the service and rebuild the tables from the log with: plinth rebuild';

export interface DatabaseReport {
  events: number;
  headSeq: number;
  head: string;
  faults: VerifyFault[];
}

/** A checked database, in one state until it is closed. */
export interface CheckedDatabase {
  report: DatabaseReport;
  source: Database;
  /** Derived tables by a replay of the log; the stored ones if it cannot be replayed. */
  derived: Database;
  close(): void;
}

/**
 * Checks everything in registry.db: pages and indices, schema, the log's chain and the columns beside it, derived tables against
 * a replay, tables that no event writes, and that the log still has heads that were kept elsewhere. Reads one snapshot and writes
 * nothing. Damage is reported, never thrown. Takes seconds: not for the event loop.
 */
export function checkDatabase(file: string, dataFolder: string, heads: readonly LogHead[]): CheckedDatabase {
  const source = openForReading(file);
  const scratch = openScratch();
  const close = (): void => {
    source.close();
    scratch.close();
  };
  try {
    source.raw.exec('BEGIN');
    const { report, replayed } = checkAll(source, scratch, dataFolder, heads);
    return { report, source, derived: replayed ? scratch : source, close };
  } catch (error) {
    close();
    throw error;
  }
}

function checkAll(
  source: Database,
  scratch: Database,
  dataFolder: string,
  heads: readonly LogHead[],
): { report: DatabaseReport; replayed: boolean } {
  const faults: VerifyFault[] = [];
  const check = (act: () => VerifyFault[]): void => void faults.push(...guarded(act));
  check(() => integrityFaults(source));
  check(() => schemaFaults(source, scratch, restoreFix));
  const report: DatabaseReport = { events: 0, headSeq: 0, head: '', faults };
  check(() => logFaults(source, report));
  const sound = faults.every(({ subject }) => !subject.startsWith('event '));
  check(() => headFaults(source, heads, report.headSeq, restoreFix));
  check(() => headFaults(source, backupHead(dataFolder, source.logId), report.headSeq, restoreFix));
  const before = faults.length;
  if (sound) check(() => replayFaults(source, scratch));
  const replayed = sound && report.head !== '' && faults.length === before;
  const ahead = guarded(() => tablesAhead(source, report.headSeq, restoreFix));
  faults.push(...ahead);
  if (replayed) check(() => misfiled(source));
  if (replayed) check(() => tableFaults(source, scratch, ahead.length > 0 ? restoreFix : rebuildFix));
  check(() => noteFaults(source));
  return { report, replayed };
}

/** Converts an error of a check to a fault: SQLite could not read the database, or a value is none that Plinth writes. */
function guarded(act: () => VerifyFault[]): VerifyFault[] {
  try {
    return act();
  } catch (error) {
    if (error instanceof RegistryError) return [{ subject: 'log', detail: error.message }];
    return [{ subject: 'registry.db', detail: `cannot be read whole (${messageOf(error)})`, fix: restoreFix }];
  }
}

function integrityFaults(db: Database): VerifyFault[] {
  const said = db.raw.pragma('integrity_check(20)') as { integrity_check: string }[];
  const pages = said.map((row) => row.integrity_check).filter((text) => text !== 'ok');
  const orphans = db.raw.pragma('foreign_key_check') as { table: string; parent: string }[];
  return [
    ...pages.map((detail) => ({ subject: 'registry.db', detail, fix: restoreFix })),
    ...orphans.slice(0, 20).map(({ table, parent }) => ({
      subject: `table ${table}`,
      detail: `a row names one in ${parent} that is not there`,
      fix: restoreFix,
    })),
  ];
}

function logFaults(db: Database, report: DatabaseReport): VerifyFault[] {
  report.headSeq = head(db).seq;
  const log = verifyLog(db);
  report.events = log.events;
  report.head = log.head;
  if (!log.broken) return [];
  return [{ subject: `event ${log.broken.seq}`, detail: log.broken.reason, fix: restoreFix }];
}

function replayFaults(source: Database, scratch: Database): VerifyFault[] {
  scratch.raw.transaction(() => replay(source, scratch))();
  return [];
}

function misfiled(db: Database): VerifyFault[] {
  return misfiledEvents(db).map(({ seq }) => ({
    subject: `event ${seq}`,
    detail: 'its model or number column differs from its text, so histories leave it out',
    fix: rebuildFix,
  }));
}
