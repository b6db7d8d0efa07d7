import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readManifest } from '../../daemon/blobs/manifest.ts';
import { openBlobStore } from '../../daemon/blobs/store.ts';
import type { Caller, Context } from '../../daemon/context.ts';
import { openDatabase } from '../../daemon/db/database.ts';
import { checkDatabase } from '../../daemon/db/check/check.ts';
import { versionOf } from '../../daemon/db/versions.ts';
import { derivedDigest, rebuild } from '../../daemon/db/rebuild.ts';
import { verifyLog } from '../../daemon/db/log.ts';
import { RegistryError } from '../../daemon/errors.ts';
import type { NewEvent } from '../../daemon/protocol/events.ts';
import { silent } from '../../daemon/log.ts';
import { committer } from '../../daemon/registry/commit.ts';
import * as edit from '../../daemon/registry/versions/edit.ts';
import { promote, removeAlias, rollback } from '../../daemon/registry/pointers/promote.ts';
import { completeVersion } from '../../daemon/registry/versions/complete.ts';
import { addEvidence, registerVersion } from '../../daemon/registry/versions/register.ts';
import { findModel } from '../../daemon/registry/versions/resolve.ts';
import { archive, restore } from '../../daemon/registry/pointers/version-stage.ts';
import { undo } from '../../daemon/registry/pointers/undo.ts';
import { temporary } from '../support/daemon.ts';
import { facts } from '../registry/plain-facts.ts';
import { given } from '../support/evidence.ts';

const caller: Caller = { actor: 'ana' };

type Step = { act: string; model: string; number: number; word: string };

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom(
    'register',
    'register',
    'register',
    'complete',
    'evidence',
    'promote',
    'promote',
    'stage',
    'rollback',
    'alias',
    'unalias',
    'archive',
    'restore',
    'delete',
    'undo',
    'rename',
    'describe',
    'tag',
    'comment',
    'move',
    'deploy',
    'deployed',
  ),
  model: fc.constantFrom('a', 'b'),
  number: fc.integer({ min: 1, max: 3 }),
  word: fc.constantFrom('x', 'y', 'z'),
});

async function register(ctx: Context, { model, number, word }: Step): Promise<unknown> {
  const bytes = Buffer.from(`${word}${number}`);
  const sha256 = ctx.blobs.put(bytes).slice('sha256:'.length);
  const files = [{ path: '', size: bytes.length, sha256 }];
  const source = {
    kind: number === 1 ? ('watch' as const) : ('hand' as const),
    path: '/x',
    run: null,
    writtenAt: null,
  };
  return registerVersion(ctx, caller, {
    model,
    files,
    primary: 'x',
    wholeFolder: false,
    facts,
    source,
    evidence: [],
    again: false,
  });
}

/** Adds the version's own file, and one more. */
async function complete(ctx: Context, { model, number, word }: Step): Promise<unknown> {
  const { id } = findModel(ctx, model);
  const row = versionOf(ctx.db, id, number);
  const own = row ? readManifest(ctx.blobs, row.body.digest) : [];
  const sha256 = ctx.blobs.put(Buffer.from(word)).slice('sha256:'.length);
  const files = [...own.map((file) => ({ ...file, path: file.path || 'x' })), { path: word + word, size: 1, sha256 }];
  return completeVersion(ctx, caller, { model: id, number }, { files, primary: 'x', wholeFolder: false, facts });
}

async function perform(ctx: Context, one: Step): Promise<unknown> {
  const { act, model, number, word } = one;
  const version = String(number);
  const stage = { kind: 'stage' as const, name: word === 'x' ? 'staging' : 'production', reason: word };
  const alias = { kind: 'alias' as const, name: word, reason: '' };
  switch (act) {
    case 'register':
      return register(ctx, one);
    case 'complete':
      return complete(ctx, one);
    case 'evidence':
      return addEvidence(ctx, caller, model, version, {
        source: word,
        metrics: { [word]: number },
        params: {},
        origin: given,
      });
    case 'promote':
      return promote(ctx, caller, model, version, stage);
    case 'stage':
      return promote(ctx, caller, model, version, { ...stage, name: 'staging' });
    case 'rollback':
      return rollback(ctx, caller, model, stage);
    case 'alias':
      return promote(ctx, caller, model, version, alias);
    case 'unalias':
      return removeAlias(ctx, caller, model, alias);
    case 'archive':
      return archive(ctx, caller, model, version, '');
    case 'restore':
      return restore(ctx, caller, model, version, '');
    case 'delete':
      return edit.deleteVersion(ctx, caller, model, version, '');
    case 'undo':
      return undo(ctx, caller, number * 3);
    case 'rename':
      return edit.renameModel(ctx, caller, model, model === 'a' ? 'b' : 'a');
    case 'describe':
      return edit.describeModel(ctx, caller, model, word);
    case 'tag':
      return edit.tagVersion(ctx, caller, model, version, { key: word, value: number > 2 ? null : word });
    case 'comment':
      return edit.commentVersion(ctx, caller, model, version, word);
    case 'deploy':
    case 'deployed':
      return deploy(ctx, one);
    default:
      return edit.moveVersion(ctx, caller, model, version, model === 'a' ? 'b' : 'a');
  }
}

/** Records a command that runs after a move, with its start and end in any order. */
async function deploy(ctx: Context, { act, model, number, word }: Step): Promise<unknown> {
  const { id } = findModel(ctx, model);
  const body = { model: id, number, kind: 'stage' as const, name: word, moved: number };
  const result = { exit: number, problem: number > 1 ? word : null, said: word, output: null };
  const event: NewEvent =
    act === 'deploy'
      ? { type: 'deployment.started/1', body: { ...body, run: word, policy: 'sha256:0' } }
      : { type: 'deployment.finished/1', body: { ...body, ...result } };
  return ctx.commit(caller, () => ({ events: [event], result: () => null }));
}

/** Checks invariants that hold after any history. */
function check(ctx: Context): void {
  const pointers = ctx.db.sql('SELECT model, kind, name, holder FROM pointers WHERE holder IS NOT NULL').all();
  for (const pointer of pointers) {
    const version = ctx.db
      .sql('SELECT state, stage FROM versions WHERE model = ? AND number = ?')
      .get(pointer['model'], pointer['holder']);
    expect(['ready', 'damaged']).toContain(version?.['state']);
    if (pointer['kind'] === 'stage') expect(version?.['stage']).toBe(pointer['name']);
  }
  const exclusive = ctx.db
    .sql(
      `SELECT model, stage, count(*) AS n FROM versions WHERE stage IN ('staging', 'production') AND state = 'ready' GROUP BY model, stage`,
    )
    .all();
  for (const row of exclusive) expect(row['n']).toBe(1);
  const numbers = ctx.db.sql('SELECT count(*) AS n, max(number) AS last FROM versions GROUP BY model').all();
  for (const row of numbers) expect(row['last']).toBe(row['n']);
}

test(
  'after any history the replayed log makes identical tables, verify finds nothing, and every pointer agrees with its holder',
  { timeout: 300_000 },
  async () => {
    const folder = temporary();
    const blobs = openBlobStore(folder);
    let histories = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), async (steps) => {
        const db = openDatabase(temporary());
        let clock = 1000;
        const commits = committer(
          db,
          () => (clock += 7),
          () => undefined,
        );
        const ctx: Context = {
          db,
          blobs,
          log: silent,
          now: () => clock,
          commit: commits.commit,
          publish: () => undefined,
        };
        for (const one of steps) {
          await perform(ctx, one).catch((error: unknown) => {
            if (!(error instanceof RegistryError)) throw error;
          });
          check(ctx);
        }
        if ((histories += 1) % 4 === 0) {
          const checked = checkDatabase(db.file, folder, []);
          checked.close();
          expect(checked.report.faults).toEqual([]);
        }
        const before = derivedDigest(db);
        rebuild(db);
        expect(derivedDigest(db)).toBe(before);
        expect(verifyLog(db).broken).toBeNull();
        db.close();
      }),
      { numRuns: 120 },
    );
    await blobs.close();
  },
);
