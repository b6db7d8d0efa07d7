import Database from 'better-sqlite3';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../daemon/db/database.ts';
import { append, head, verifyLog } from '../../daemon/db/log.ts';
import { apply } from '../../daemon/db/apply/apply.ts';
import { temporary } from '../support/daemon.ts';

function filled(folder: string, events: number): void {
  const db = openDatabase(folder);
  db.raw.transaction(() => {
    for (let index = 0; index < events; index += 1) {
      const body = { model: `m${index}`, name: `model ${index}` };
      apply(db, append(db, { type: 'model.created/1', body }, 1000 - index, 'ana'));
    }
  })();
  db.close();
}

/** Changes the database file directly, and returns what verify finds. */
function tampered(change: string): string | undefined {
  const folder = temporary();
  filled(folder, 10);
  const raw = new Database(join(folder, 'registry.db'));
  raw.exec(change);
  raw.close();
  const db = openDatabase(folder);
  const report = verifyLog(db);
  db.close();
  return report.broken?.reason;
}

test('synchronous is FULL after every open, the first and a later one', () => {
  const folder = temporary();
  for (let round = 0; round < 2; round += 1) {
    const db = openDatabase(folder);
    expect(db.raw.pragma('synchronous', { simple: true })).toBe(2);
    expect(db.raw.pragma('journal_mode', { simple: true })).toBe('wal');
    db.close();
  }
});

test('an untouched log verifies, and its head is that of the last event', () => {
  const folder = temporary();
  filled(folder, 10);
  const db = openDatabase(folder);
  expect(verifyLog(db)).toEqual({ events: 10, head: head(db).hash.toString('hex'), broken: null });
  db.close();
});

test('an edited body, header, a removed, an added and a swapped event are each found', () => {
  expect(tampered(`UPDATE events SET body = replace(body, 'model 4', 'model X') WHERE seq = 5`)).toMatch(
    /text of event 5/,
  );
  expect(tampered(`UPDATE events SET actor = 'bob' WHERE seq = 5`)).toMatch(/event 5 was changed/);
  expect(tampered(`UPDATE events SET at = at + 1 WHERE seq = 5`)).toMatch(/event 5 was changed/);
  const moved = `body_hash = CAST(body_hash || substr(prev, 1, 1) AS BLOB), prev = substr(prev, 2)`;
  expect(tampered(`UPDATE events SET ${moved} WHERE seq = 5`)).toMatch(/does not follow/);
  expect(tampered(`UPDATE events SET body_hash = prev, prev = body_hash WHERE seq = 5`)).toMatch(/does not follow/);
  expect(tampered(`UPDATE events SET body = NULL WHERE seq = 5`)).toMatch(/was erased/);
  expect(tampered(`DELETE FROM events WHERE seq = 5`)).toMatch(/event 5 is missing/);
  expect(
    tampered(
      `INSERT INTO events SELECT 11, at, clock, actor, type, body, body_hash, prev, hash, model, number FROM events WHERE seq = 10`,
    ),
  ).toMatch(/does not follow/);
  expect(
    tampered(
      `UPDATE events SET seq = 100 WHERE seq = 5; UPDATE events SET seq = 5 WHERE seq = 6; UPDATE events SET seq = 6 WHERE seq = 100`,
    ),
  ).toMatch(/event 5/);
});

test('the clock of the log never runs backwards', () => {
  const folder = temporary();
  filled(folder, 10);
  const db = openDatabase(folder);
  const clocks = db
    .sql('SELECT clock FROM events ORDER BY seq')
    .all()
    .map((row) => Number(row['clock']));
  expect(clocks).toEqual(clocks.toSorted((a, b) => a - b));
  db.close();
});

test('a newer schema is refused and the file left untouched', () => {
  const folder = temporary();
  filled(folder, 1);
  const raw = new Database(join(folder, 'registry.db'));
  raw.pragma('user_version = 99');
  raw.close();
  expect(() => openDatabase(folder)).toThrow(/written by a newer Plinth/);
});

test('a file that is no database is refused with what to do', async () => {
  const folder = temporary();
  const { writeFileSync } = await import('node:fs');
  writeFileSync(
    join(folder, 'registry.db'),
    'this is not a database, this is some text that is long enough to be read as a header of one',
  );
  expect(() => openDatabase(folder)).toThrow(/cannot be read as a database.*plinth restore-backup/);
});
