import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../../daemon/db/database.ts';
import { evidenceOf, isEvidenceJudged } from '../../../daemon/db/evidence.ts';
import { modelByName } from '../../../daemon/db/models.ts';
import { derivedDigest, rebuild } from '../../../daemon/db/rebuild.ts';
import type { Context } from '../../../daemon/context.ts';
import type { NewEvent } from '../../../daemon/protocol/events.ts';
import { committer } from '../../../daemon/registry/commit.ts';
import { version } from '../../bench/version.ts';
import type { Evidence, EvidenceRule } from '../../../daemon/protocol/evidence.ts';
import type { VersionSource } from '../../../daemon/protocol/model.ts';
import { silent } from '../../../daemon/log.ts';
import { configure } from '../../../daemon/config.ts';
import { startDaemon } from '../../../daemon/daemon.ts';
import {
  judgeOldEvidence,
  originOfOld,
  type OldVersion,
} from '../../../daemon/registry/versions/judge-old-evidence.ts';
import { temporary, until } from '../../support/daemon.ts';

function saved(number: number, writtenAt: number, kind: VersionSource['kind'] = 'watch'): OldVersion['version'] {
  const source = { kind, path: '/w/churn/model.joblib', writtenAt };
  return { model: 'm', number, createdAt: writtenAt + 100, source };
}

function said(change: Partial<Evidence>): Evidence {
  const rest = { seq: 9, at: 2100, actor: 'watcher', source: 'metrics.json', digest: 'sha256:b' };
  return { ...rest, metrics: { auc: 0.9 }, params: {}, ...change };
}

const alone: OldVersion = { version: saved(2, 2000), earlier: new Map(), next: undefined, hasNeighbours: false };
const before = new Map([['metrics.json', new Set(['sha256:a'])]]);

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
  expect(isEvidenceJudged(db)).toBe(true);
  await daemon.stop();
  const reopened = openDatabase(dataFolder);
  const digest = derivedDigest(reopened);
  rebuild(reopened);
  expect(derivedDigest(reopened)).toBe(digest);
  reopened.close();
});

test('each log of an old registry is judged by the saves before it at its path, however many there are', async () => {
  const db = openDatabase(temporary());
  const { commit } = committer(db, Date.now, () => undefined);
  const context = { db, commit } as Context;
  const write = (events: NewEvent[]): Promise<null> =>
    commit({ actor: 'watcher' }, () => ({ events, result: () => null }));
  await write([{ type: 'model.created/1', body: { model: 'm', name: 'm' } }]);
  const save = (number: number, writtenAt: number, digest: string, path = '/w/churn/model.joblib'): Promise<null> =>
    write([
      {
        type: 'version.registered/1',
        body: { ...version('m', number), source: { kind: 'watch', path, run: null, writtenAt } },
      },
      { type: 'version.evidence/1', body: { model: 'm', number, source: 'log', digest, metrics: {}, params: {} } },
    ]);
  await save(1, 3000, 'c');
  await save(2, 1000, 'a');
  await save(3, 2000, 'b');
  await save(4, 2000, 'b');
  await save(5, 4000, 'b');
  await save(6, 5000, 'd');
  for (let number = 7; number <= 600; number += 1) await save(number, 10_000 + number, `n${number}`);
  await save(601, 1, 'x', '/other/a.joblib');
  await save(602, 2, 'y', '/other/b.joblib');
  db.sql('UPDATE evidence SET at = 0').run();
  await judgeOldEvidence(context, new AbortController().signal);
  const rule = (number: number): string | undefined => evidenceOf(db, 'm', number)[0]?.origin?.rule;
  expect([1, 2, 3, 4, 5, 6, 600, 601, 602].map(rule)).toEqual(
    ['beside', 'by-place', 'beside', 'beside', undefined, 'beside', 'beside', undefined, undefined], // prettier-ignore
  );
  db.close();
});
