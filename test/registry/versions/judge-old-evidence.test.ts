import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../../daemon/db/database.ts';
import { evidenceOf, versionsToJudge } from '../../../daemon/db/evidence.ts';
import { modelByName } from '../../../daemon/db/models.ts';
import { derivedDigest, rebuild } from '../../../daemon/db/rebuild.ts';
import type { Evidence, EvidenceRule } from '../../../daemon/protocol/evidence.ts';
import type { VersionSource } from '../../../daemon/protocol/model.ts';
import { silent } from '../../../daemon/log.ts';
import { configure } from '../../../daemon/config.ts';
import { startDaemon } from '../../../daemon/daemon.ts';
import { originOfOld, type OldVersion } from '../../../daemon/registry/versions/judge-old-evidence.ts';
import { temporary, until } from '../../support/daemon.ts';

function saved(number: number, writtenAt: number, kind: VersionSource['kind'] = 'watch'): OldVersion['version'] {
  const source = { kind, path: '/w/churn/model.joblib', run: null, writtenAt };
  return { model: 'm', number, createdAt: writtenAt + 100, source };
}

function said(change: Partial<Evidence>): Evidence {
  const rest = { seq: 9, at: 2100, actor: 'watcher', source: 'metrics.json', digest: 'sha256:b' };
  return { ...rest, metrics: { auc: 0.9 }, params: {}, ...change };
}

const alone: OldVersion = { version: saved(2, 2000), earlier: [], next: undefined, hasNeighbours: false };
const before = [{ evidence: [said({ seq: 5, at: 1100, digest: 'sha256:a' })] }];

test.each<[string, Partial<OldVersion>, Partial<Evidence>, EvidenceRule | undefined]>([
  ['what the artifact says is inside', {}, { source: 'artifact' }, 'inside'],
  ['what a person attached later was given', {}, { actor: 'ana/cli', at: 9000 }, 'given'],
  ['what MLflow kept of the run was given', {}, { source: 'mlflow run brave-fox' }, 'given'],
  ['a log beside the only model of its folder is by place', {}, {}, 'by-place'],
  ['a log that says something new is of the save after which it was written', { earlier: before }, {}, 'beside'],
  [
    'a log that says the same as of an earlier version may be stale',
    { earlier: before },
    { digest: 'sha256:a' },
    undefined,
  ],
  ['a log beside several models may be of another', { hasNeighbours: true }, {}, undefined],
  ['what came after the next save may be of that', { next: saved(3, 3000) }, { at: 3100 }, undefined],
  ['what came before the next save is not', { next: saved(3, 3000) }, { at: 2900 }, 'by-place'],
  ['a log of another folder may be of anything', {}, { source: '../metrics.json' }, undefined],
  [
    'of a version that was moved the times are not known',
    { version: saved(2, 2000, 'move') },
    { actor: 'ana/cli', at: 9000 },
    undefined,
  ],
])('of old evidence, %s', (_what, known, evidence, rule) => {
  expect(originOfOld({ ...alone, ...known }, said(evidence))?.rule).toBe(rule);
});

test('a registry of an earlier program is judged once, when the service starts, in events that replay to the same', async () => {
  const dataFolder = join(temporary(), 'data');
  mkdirSync(dataFolder, { recursive: true });
  copyFileSync(
    join(import.meta.dirname, '..', '..', 'fixtures', 'databases', 'schema-8.db'),
    join(dataFolder, 'registry.db'),
  );
  const daemon = await startDaemon(configure({ version: '0', dataFolder }), silent);
  const { db } = daemon.context;
  const iris = modelByName(db, 'iris');
  const known = (): Evidence[] => evidenceOf(db, iris?.id ?? '', 1);
  await until(() => known().every(({ origin }) => origin !== undefined), 'the judgement');
  expect(known().map(({ source, origin }) => [source, origin?.rule])).toEqual([['artifact', 'inside']]);
  expect(modelByName(db, 'iris')?.updatedAt).toBe(iris?.updatedAt);
  expect(versionsToJudge(db)).toEqual([]);
  await daemon.stop();
  const reopened = openDatabase(dataFolder);
  const digest = derivedDigest(reopened);
  rebuild(reopened);
  expect(derivedDigest(reopened)).toBe(digest);
  reopened.close();
});
