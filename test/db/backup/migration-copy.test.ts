import { spawnSync } from 'node:child_process';
import { cpSync, copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { faultIn, readBackup } from '../../../daemon/db/backup/backup-files.ts';
import { openDatabase } from '../../../daemon/db/database.ts';
import { temporary } from '../../support/daemon.ts';

const databases = join(import.meta.dirname, '..', '..', 'fixtures', 'databases');
const source = join(import.meta.dirname, '..', '..', '..', 'daemon', 'db', 'database.ts');

/** Makes a data folder with a database of an earlier schema. Returns also the name of its copy. */
function earlier(): { folder: string; copy: string } {
  const folder = temporary();
  cpSync(join(databases, 'schema-2.db'), join(folder, 'registry.db'));
  return { folder, copy: join(folder, 'registry.db.schema-2') };
}

test.each(['no byte', 'no database', 'no table'])('a copy before the migration with %s in it is made again', (kind) => {
  const { folder, copy } = earlier();
  writeFileSync(copy, kind === 'no database' ? 'half' : '');
  if (kind === 'no table') new Sqlite(copy).exec('CREATE TABLE meta (key, value); DROP TABLE meta').close();
  openDatabase(folder).close();
  expect(faultIn(copy)).toBeUndefined();
});

test('a copy that holds events of another registry stays, and another one is made beside it', () => {
  const { folder, copy } = earlier();
  copyFileSync(join(databases, 'schema-3.db'), copy);
  const theirs = readBackup(copy)?.hash;
  openDatabase(folder).close();
  expect(readBackup(copy)?.hash).toBe(theirs);
  expect(faultIn(`${copy}-2`)).toBeUndefined();
});

/** Opens the database in a process of its own, which is killed at its `when`-th call of this kind. True when it was killed. */
function killedAt(folder: string, call: string, when: number): boolean {
  const script = `import(${JSON.stringify(source)}).then(({ openDatabase }) => openDatabase(${JSON.stringify(folder)}).close())`;
  const inject = [
    '-f',
    '-qq',
    '-e',
    `trace=${call}`,
    '-e',
    `inject=${call}:signal=SIGKILL:when=${when}`,
    '-o',
    '/dev/null',
  ];
  return spawnSync('strace', [...inject, process.execPath, '-e', script], { timeout: 20_000 }).signal === 'SIGKILL';
}

test(
  'whatever call an upgrade is killed at, the next start finds a whole copy of what it was',
  { timeout: 60_000 },
  (context) => {
    if (spawnSync('strace', ['-V']).status !== 0) context.skip('strace is not there');
    let kills = 0;
    for (const [call, times] of Object.entries({
      pwrite64: [1, 3, 9, 30],
      fsync: [1, 2, 3],
      fdatasync: [1, 2, 3],
      rename: [1],
    })) {
      for (const when of times) {
        const { folder, copy } = earlier();
        if (killedAt(folder, call, when)) kills += 1;
        if (existsSync(copy)) expect(faultIn(copy)).toBeUndefined();
        const db = openDatabase(folder);
        expect(db.sql('SELECT count(*) AS n FROM events').get()?.['n']).toBeGreaterThan(0);
        db.close();
        expect(readdirSync(folder).filter((name) => name.startsWith('registry.db.schema-'))).toEqual([
          'registry.db.schema-2',
        ]);
        expect(faultIn(copy)).toBeUndefined();
      }
    }
    expect(kills).toBeGreaterThan(4);
  },
);
