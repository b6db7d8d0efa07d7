import { expect, onTestFinished, test } from 'vitest';
import { artifactAt, putArtifact, putArtifacts } from '../../daemon/db/artifacts.ts';
import { openDatabase, type Database } from '../../daemon/db/database.ts';
import { verifyLog } from '../../daemon/db/log.ts';
import { inSavepoint, inTransaction, isOpen } from '../../daemon/db/transaction.ts';
import type { NewEvent } from '../../daemon/protocol/events.ts';
import { committer } from '../../daemon/registry/commit.ts';
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

test('an event that follows one that was taken back is chained to the one before it', async () => {
  const db = registry();
  const made = (name: string): NewEvent => ({ type: 'model.created/1', body: { model: name, name } });
  const assertHolds = ({ body }: NewEvent): void => {
    if ('name' in body && body.name === 'refused') throw new Error('no');
  };
  const { commit } = committer(
    db,
    () => 1,
    () => undefined,
    { failure: () => undefined, assertHolds },
  );
  const batches = [['a'], ['b', 'refused'], [], ['c', 'd']];
  const asked = batches.map((names) =>
    commit({ actor: 'test' }, () => ({ events: names.map(made), result: (all) => all.map(({ seq }) => seq) })),
  );
  const answers = await Promise.allSettled(asked);
  expect(answers.map((one) => (one.status === 'fulfilled' ? one.value : 'no'))).toEqual([[1], 'no', [], [2, 3]]);
  expect(verifyLog(db)).toMatchObject({ events: 3, broken: null });
});

test('a command that is refused leaves nothing of what it wrote, alone and among others', async () => {
  const db = registry();
  const { commit } = committer(
    db,
    () => 1,
    () => undefined,
  );
  const write = (path: string, refuse = false): Promise<string> =>
    commit({ actor: 'test' }, () => {
      putArtifact(db, row(path));
      if (refuse) throw new Error(`no ${path}`);
      return { events: [], result: () => path };
    });
  await expect(write('/alone', true)).rejects.toThrow('no /alone');
  const answers = await Promise.allSettled([write('/a'), write('/b', true), write('/c'), write('/d', true)]);
  expect(answers.map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason)))).toEqual(
    ['/a', 'Error: no /b', '/c', 'Error: no /d'], // prettier-ignore
  );
  expect(known(db, '/alone', '/a', '/b', '/c', '/d')).toEqual([false, true, false, true, false]);
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
