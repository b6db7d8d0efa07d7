import { backups } from '../backup/backup-files.ts';
import type { Database } from '../database.ts';
import { openForReading } from '../backup/open-for-reading.ts';
import { eventAt, head } from '../log.ts';
import type { LogHead, VerifyFault } from '../../protocol/verify.ts';

/** Returns a fault for each head that the log no longer has, as its end was cut off or it was rewritten. */
export function headFaults(db: Database, heads: readonly LogHead[], headSeq: number, fix: string): VerifyFault[] {
  return heads.flatMap(({ seq, hash }) => {
    const subject = `head ${seq}`;
    if (seq > headSeq) {
      const detail = `the log ends at event ${headSeq}, but it held event ${seq} when this head was kept: its end was cut off`;
      return [{ subject, detail, fix }];
    }
    const found = seq === 0 ? '0'.repeat(64) : hashAt(db, seq);
    if (found === hash) return [];
    return [
      { subject, detail: `event ${seq} is another one than when this head was kept: the log was rewritten`, fix },
    ];
  });
}

function hashAt(db: Database, seq: number): string | undefined {
  const row = db.sql('SELECT lower(hex(hash)) AS hash FROM events WHERE seq = ?').get(seq);
  return row && String(row['hash']);
}

/** Returns the head of the newest backup of the same log; empty for none. */
export function backupHead(dataFolder: string, logId: string): LogHead[] {
  for (const file of backups(dataFolder)) {
    const kept = headOf(file, logId);
    if (kept) return [kept];
  }
  return [];
}

/** Returns the head of a backup; undefined for one of another log, or unreadable, which is checked separately. */
function headOf(file: string, logId: string): LogHead | undefined {
  try {
    const db = openForReading(file);
    try {
      const { seq, hash } = head(db);
      return db.logId === logId && eventAt(db, seq) ? { seq, hash: hash.toString('hex') } : undefined;
    } finally {
      db.close();
    }
  } catch {
    return undefined;
  }
}
