import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { sourceOf } from '../../../daemon/formats/source.ts';
import { readSqlite, type SqliteRow } from '../../../daemon/formats/containers/sqlite.ts';
import { samples, temporary } from '../../support/daemon.ts';
import { kindOf, readsAnyDamage } from '../damage.ts';

/** Returns the rows of a table in a database that `fill` makes: as our reader returns them, and as SQLite does. */
function both(table: string, fill: (database: Database.Database) => void): [SqliteRow[] | undefined, unknown[]] {
  const path = join(temporary(), 'some.db');
  const database = new Database(path);
  fill(database);
  const theirs = database.prepare(`SELECT * FROM ${table} ORDER BY rowid`).all();
  database.close();
  return [readSqlite(sourceOf(readFileSync(path))).rows(table), theirs];
}

test('rows of many pages are read as SQLite reads them', () => {
  const [ours, theirs] = both('t', (database) => {
    database.exec(
      'CREATE TABLE t (id INTEGER PRIMARY KEY, "some name" TEXT, x REAL CHECK (x > (0 - 1)), n INT, CHECK (n <> 5))',
    );
    const insert = database.prepare('INSERT INTO t VALUES (?, ?, ?, ?)');
    const numbers = [0, 1, -1, 127, -129, 40_000, 8_000_000, 2 ** 31, -(2 ** 40), 2 ** 52];
    database.transaction(() => {
      for (let id = 1; id <= 5000; id += 1)
        insert.run(id * 3, `é${'x'.repeat(id % 90)}`, id / 7, numbers[id % numbers.length]);
    })();
  });
  expect(ours?.length).toBe(5000);
  expect(ours?.map((row) => ({ ...row }))).toEqual(theirs);
});

test('texts longer than a page, empty tables, nulls and columns added later are read', () => {
  const [ours, theirs] = both('t', (database) => {
    database.pragma('page_size = 512');
    database.exec('CREATE TABLE t (a TEXT); CREATE TABLE none (a)');
    const insert = database.prepare('INSERT INTO t VALUES (?)');
    for (const length of [0, 450, 477, 478, 1000, 5000, 100_000]) insert.run('y'.repeat(length));
    insert.run(null);
    database.exec('ALTER TABLE t ADD COLUMN later INTEGER');
  });
  expect(ours?.map((row) => ({ ...row }))).toEqual(theirs);
});

test('a damaged database is answered with a FormatError', () => {
  const bytes = readFileSync(join(samples, 'optuna', 'optuna.db'));
  readsAnyDamage((source) => readSqlite(source).rows('trials'), bytes, 500);
  expect(kindOf(readSqlite, bytes.subarray(0, 50))).toBe('truncated');
  expect(kindOf(readSqlite, Buffer.from('no database'))).toBe('malformed');
});
