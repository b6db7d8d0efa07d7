import { cpSync, existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../../daemon/db/database.ts';
import { checkDatabase } from '../../../daemon/db/check/check.ts';
import { verifyLog } from '../../../daemon/db/log.ts';
import { modelByName, modelView } from '../../../daemon/db/models.ts';
import { derivedDigest, rebuild } from '../../../daemon/db/rebuild.ts';
import { watchedRoots } from '../../../daemon/db/roots.ts';
import { migrations } from '../../../daemon/db/schema/migrations.ts';
import { temporary } from '../../support/daemon.ts';

/** Databases written by earlier programs: iris@1 in production, and a watched folder. */
const saved = join(import.meta.dirname, '..', '..', 'fixtures', 'databases');

test('a database of every earlier schema is there', () => {
  const wanted = migrations.slice(1).map((_, index) => `schema-${index + 1}.db`);
  expect(readdirSync(saved).toSorted()).toEqual(wanted.toSorted());
});

test.each(readdirSync(saved))('%s is migrated, with a copy of what it was, and its log replays to the same', (name) => {
  const folder = temporary();
  cpSync(join(saved, name), join(folder, 'registry.db'));
  const db = openDatabase(folder);
  const iris = modelByName(db, 'iris');
  expect(iris && modelView(db, iris).current).toMatchObject({ number: 1, framework: 'scikit-learn' });
  expect(watchedRoots(db)).toMatchObject([{ paused: false }]);
  const before = derivedDigest(db);
  rebuild(db);
  expect(derivedDigest(db)).toBe(before);
  expect(verifyLog(db).broken).toBeNull();
  const checked = checkDatabase(db.file, dirname(db.file), []);
  checked.close();
  expect(checked.report.faults).toEqual([]);
  db.close();
  expect(existsSync(join(folder, `registry.db.${name.replace('.db', '')}`))).toBe(true);
});
