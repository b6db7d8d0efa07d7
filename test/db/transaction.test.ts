import { expect, onTestFinished, test } from 'vitest';
import { artifactAt, putArtifact, putArtifacts } from '../../daemon/db/artifacts.ts';
import { openDatabase, type Database } from '../../daemon/db/database.ts';
import { inSavepoint, inTransaction, isOpen } from '../../daemon/db/transaction.ts';
import { artifact } from '../support/models.ts';
import { temporary } from '../support/daemon.ts';

function registry(): Database {
  const db = openDatabase(temporary());
  onTestFinished(() => db.close());
  return db;
}

const row = (path: string): Parameters<typeof putArtifact>[1] => ({
  ...artifact({ path }),
  fingerprint: '',
  writtenAt: 0,
  writer: null,
});
const known = (db: Database, ...paths: string[]): boolean[] => paths.map((path) => artifactAt(db, path) !== undefined);

test('a part of a transaction that throws undoes what it wrote and nothing else', () => {
  const db = registry();
  inTransaction(db, () => {
    putArtifact(db, row('/a'));
    const part = (): void => {
      inSavepoint(db, () => putArtifact(db, row('/b')));
      putArtifact(db, row('/c'));
      throw new Error('no');
    };
    expect(() => inSavepoint(db, part)).toThrow('no');
    putArtifact(db, row('/d'));
  });
  expect(known(db, '/a', '/b', '/c', '/d')).toEqual([true, false, false, true]);
});

test('an error of the storage ends the whole transaction', () => {
  const db = registry();
  const full = Object.assign(new Error('disk'), { code: 'SQLITE_FULL' });
  const act = (): void => {
    putArtifact(db, row('/a'));
    inSavepoint(db, () => {
      throw full;
    });
  };
  expect(() => inTransaction(db, act)).toThrow('disk');
  expect(known(db, '/a')).toEqual([false]);
  putArtifacts(db, [row('/b'), row('/c')]);
  expect(known(db, '/b', '/c')).toEqual([true, true]);
});

test('a registry that was closed says so', () => {
  const db = openDatabase(temporary());
  expect(isOpen(db)).toBe(true);
  db.close();
  expect(isOpen(db)).toBe(false);
});
