import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { checkDatabase } from '../../../daemon/db/check/check.ts';
import { openDatabase } from '../../../daemon/db/database.ts';
import { rebuildRegistry } from '../../../daemon/server/offline.ts';
import type { LogHead, VerifyFault } from '../../../daemon/protocol/verify.ts';
import { startService, temporary, threeVersions, type TestService } from '../../support/daemon.ts';
import { closedDatabase, filledRegistry, storedBlobs, uploadedText } from '../checked-registry.ts';

// Each edit is followed by a full verification.
vi.setConfig({ testTimeout: 90_000 });

const net0 = `(SELECT id FROM models WHERE name = 'net-0')`;
const champion = `UPDATE pointers SET holder = 3 WHERE kind = 'alias' AND name = 'champion' AND model = ${net0}`;

/** Edits of the database file, and what verify says about each. */
const edits: Record<string, [sql: string, subject: RegExp, detail: RegExp]> = {
  'a text': [
    `UPDATE events SET body = replace(body, 'better', 'worse') WHERE seq = (SELECT max(seq) FROM events WHERE type = 'pointer.moved/1' AND body LIKE '%better%')`,
    /^event \d+$/,
    /text of event \d+ was changed/,
  ],
  'an actor': [`UPDATE events SET actor = 'mallory' WHERE seq = 5`, /^event 5$/, /event 5 was changed/],
  'the first row gone': ['DELETE FROM events WHERE seq = 1', /^event 2$/, /event 1 is missing/],
  'a row more': [
    `INSERT INTO events SELECT (SELECT max(seq) + 1 FROM events), at, clock, actor, type, body, body_hash, prev, hash, model, number FROM events WHERE seq = 5`,
    /^event \d+$/,
    /does not follow/,
  ],
  'the model column': [
    `UPDATE events SET model = 'x' WHERE type = 'pointer.moved/1'`,
    /^event \d+$/,
    /model or number column/,
  ],
  'the number column': [`UPDATE events SET number = 99 WHERE seq = 9`, /^event 9$/, /model or number column/],
  'an erased text': ['UPDATE events SET body = NULL WHERE seq = 9', /^event 9$/, /the text of event 9 was erased/],
  'the last event gone': [
    'DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)',
    /^log$|^table/,
    /cut off|no event of the log made it|by the log/,
  ],
  'eight events gone': [
    'DELETE FROM events WHERE seq > (SELECT max(seq) - 8 FROM events)',
    /^log$/,
    /ends at event \d+, but table \w+ was written by event \d+: its end was cut off/,
  ],
  'all events gone': ['DELETE FROM events', /^log$/, /it ends at event 0, but/],
  'a holder': [champion, /^table pointers, row net-0 \/ alias \/ champion$/, /holder is 3, but 1 by the log/],
  'a digest': [
    `UPDATE versions SET digest = (SELECT digest FROM versions v WHERE v.number = 3 AND v.model = ${net0}) WHERE number = 1 AND model = ${net0}`,
    /^table versions, row net-0 \/ 1$/,
    /digest is sha256/,
  ],
  'a state': [
    `UPDATE versions SET state = 'ready', deleted_until = NULL`,
    /^table versions, row net-\d \/ 2$/,
    /state is ready, but deleted/,
  ],
  'a stage': [
    `UPDATE versions SET stage = 'production' WHERE number = 4`,
    /^table versions, row net-\d \/ 4$/,
    /stage is production, but development/,
  ],
  metrics: [
    `UPDATE versions SET metrics = '{"acc":1}' WHERE number = 4`,
    /^table versions, row net-\d \/ 4$/,
    /metrics is/,
  ],
  'a comment': [
    `INSERT INTO comments VALUES (2, ${net0}, 1, 1, 'ana/cli', 'approved')`,
    /^table comments, row 2$/,
    /no event of the log made it/,
  ],
  'a watched root': [`INSERT INTO roots (path, added_at) VALUES ('/root', 1)`, /^table roots, row \/root$/, /no event/],
  'a deleted tag': [
    `DELETE FROM version_tags`,
    /^table version_tags, row net-\d \/ 4 \/ team$/,
    /missing, but the log made it/,
  ],
  'a token': [
    `INSERT INTO tokens VALUES ('abcd1234', 'mallory', 'admin', '[]', '[]', '${'ab'.repeat(32)}', 1, NULL, NULL)`,
    /^table tokens, row abcd1234$/,
    /no event/,
  ],
  "a token's role": [`UPDATE tokens SET role = 'admin'`, /^table tokens, row /, /role is admin, but viewer/],
  evidence: [`UPDATE evidence SET metrics = '{}'`, /^table evidence, row/, /metrics is \{\}/],
  lineage: [`UPDATE lineage SET blobs = '[]'`, /^table lineage, row net/, /blobs is \[\]/],
  'a trusted file': [
    `INSERT INTO trusted_files VALUES ('/x/plinth.yaml', 'sha256:0', 1, 'ana')`,
    /^table trusted_files/,
    /no event/,
  ],
  'a trigger': [
    'CREATE TRIGGER quiet AFTER INSERT ON comments BEGIN SELECT 1; END',
    /^trigger quiet$/,
    /Plinth makes no such thing/,
  ],
  'a view': ['CREATE VIEW mine AS SELECT * FROM tokens', /^view mine$/, /no such thing/],
  'an index gone': ['DROP INDEX versions_by_digest', /^index versions_by_digest$/, /missing from the schema/],
  'a column more': ['ALTER TABLE tokens ADD COLUMN extra TEXT', /^table tokens$/, /defined otherwise/],
  "the log's id": [`UPDATE meta SET value = 'mine' WHERE key = 'logId'`, /^table meta/, /not the id of a log/],
  'a kept reply': [
    `INSERT INTO idempotency VALUES ('k', zeroblob(32), '{"seq":3,"hash":"00"}', 1)`,
    /^table idempotency, row k$/,
    /names an event/,
  ],
  'a note of an artifact': [`UPDATE artifacts SET metrics = '{'`, /^table artifacts, row /, /cannot be read/],
  "a run's status": [`UPDATE tracked_runs SET status = 'DONE'`, /^table tracked_runs/, /stage or status/],
  'a latest metric': ['UPDATE latest_metrics SET value = 0.99', /^table latest_metrics/, /none of its points/],
};

function findings(folder: string, heads: LogHead[] = []): VerifyFault[] {
  const checked = checkDatabase(join(folder, 'registry.db'), folder, heads);
  checked.close();
  return checked.report.faults;
}

/** Makes a closed registry with all kinds of rows, and a copy of it for each edit. */
async function closedRegistry(): Promise<{ data: string; edited: (sql: string) => string }> {
  const testService = await filledRegistry(2);
  await testService.daemon.stop();
  const data = join(testService.folder, 'data');
  closedDatabase(data);
  const edited = (sql: string): string => {
    const folder = temporary();
    cpSync(join(data, 'registry.db'), join(folder, 'registry.db'));
    const db = new Database(join(folder, 'registry.db'));
    db.pragma('foreign_keys = OFF');
    db.exec(sql);
    db.close();
    return folder;
  };
  return { data, edited };
}

test('every edit of the log, of a table, of a column and of the schema is found, named and has a way out', async () => {
  const { data, edited } = await closedRegistry();
  expect(findings(data)).toEqual([]);
  for (const [what, [sql, subject, detail]] of Object.entries(edits)) {
    const faults = findings(edited(sql));
    expect(
      faults.map((fault) => fault.subject).some((text) => subject.test(text)),
      `${what}: ${JSON.stringify(faults)}`,
    ).toBe(true);
    expect(faults.map((fault) => fault.detail).join('\n'), what).toMatch(detail);
    expect(
      faults.every(({ fix }) => fix !== undefined),
      what,
    ).toBe(true);
  }
});

test('rebuild mends edited tables and columns, and refuses a log with an erased text in one sentence, changing nothing', async () => {
  const { edited } = await closedRegistry();
  for (const what of ['a holder', 'a digest', 'a comment', 'a token', 'the model column', 'the number column']) {
    const folder = edited(edits[what]![0]);
    expect(rebuildRegistry(folder).identical, what).toBe(false);
    expect(findings(folder), what).toEqual([]);
    expect(rebuildRegistry(folder).identical, what).toBe(true);
  }
  const folder = edited(`UPDATE events SET body = NULL WHERE seq = 9; ${champion}`);
  expect(() => rebuildRegistry(folder)).toThrow(
    /^The log is damaged \(the text of event 9 was erased\).*plinth restore-backup$/,
  );
  const db = openDatabase(folder);
  expect(db.sql(`SELECT holder FROM pointers WHERE name = 'champion' AND model = ${net0}`).get()).toEqual({
    holder: 3,
  });
  db.close();
});

test('a row of versions whose text is no JSON is reported by a running service, with its way out, not thrown', async () => {
  const { client, daemon } = await filledRegistry(2);
  daemon.context.db.raw.exec(`UPDATE versions SET body = '{' || body WHERE number = 4 AND model = ${net0}`);
  const { ok, faults, external } = await client.call('POST /verify', {});
  expect({ ok, external }).toEqual({ ok: false, external: [] });
  const found = faults.filter(({ subject }) => subject.startsWith('table versions'));
  expect(found.map(({ detail }) => detail).join('\n')).toContain('it cannot be read (malformed JSON)');
  expect(found.every(({ fix }) => fix !== undefined)).toBe(true);
});

test('a cut end without a trace in the tables is found by a head that was kept elsewhere, by a receipt and by a backup', async () => {
  const testService = await startService();
  const { client } = testService;
  const model = await threeVersions(client);
  const receipt = await client.call('POST /models/:model/versions/:version/promote', {
    model,
    version: '1',
    stage: 'production',
  });
  await client.call('POST /backup', {});
  const kept = { seq: receipt.seq, hash: receipt.hash };
  expect(await client.call('POST /verify', { heads: [kept] })).toMatchObject({
    ok: true,
    faults: [],
  });
  const other = { seq: kept.seq, hash: 'ab'.repeat(32) };
  const rewritten = await client.call('POST /verify', { heads: [kept, other] });
  expect(rewritten.faults).toMatchObject([{ subject: `head ${kept.seq}` }]);
  expect(rewritten.faults[0]?.detail).toMatch(/the log was rewritten/);
  await testService.daemon.stop();
  const data = join(testService.folder, 'data');
  const db = new Database(join(data, 'registry.db'));
  db.exec(`DELETE FROM events WHERE seq >= ${kept.seq}`);
  db.close();
  expect(rebuildRegistry(data).identical).toBe(false);
  const details = (heads: LogHead[]): string[] => findings(data, heads).map(({ detail }) => detail);
  expect(details([])).toMatchObject([
    expect.stringMatching(/the log ends at event \d+, but it held event \d+ .*cut off/),
  ]);
  rmSync(join(data, 'backups'), { recursive: true });
  expect(details([])).toEqual([]);
  expect(details([kept])).toMatchObject([expect.stringMatching(/cut off/)]);
});

/** Recognizes each kind of blob by its content. */
const kinds: Record<string, (text: string) => boolean> = {
  card: (text) => text.startsWith('# The card'),
  lineage: (text) => text.startsWith('{"takenAt"'),
  'captured file': (text) => text.startsWith('lr: 0.01'),
  evidence: (text) => text.startsWith('{"source"') || text.includes('"source":"metrics.json"'),
  facts: (text) => text.includes('"tensorsTotal"'),
  upload: (text) => text === uploadedText,
};

function damage({ path }: { path: string }): Buffer {
  const bytes = readFileSync(path);
  const flipped = Buffer.from(bytes);
  flipped[flipped.length - 2]! ^= 1;
  chmodSync(path, 0o644);
  writeFileSync(path, flipped);
  return bytes;
}

test('a damaged or missing blob of every kind is found and named, and a version that lost bytes is marked', async () => {
  const testService = await filledRegistry(1);
  const { client } = testService;
  const blobs = storedBlobs(join(testService.folder, 'data'));
  expect(await client.call('POST /verify', {})).toMatchObject({ ok: true, faults: [] });
  for (const [kind, isOne] of Object.entries(kinds)) {
    // Evidence that was read while it was written may leave a first blob that nothing references.
    const damaged = blobs.filter(({ text }) => isOne(text)).map(({ path }) => ({ path, bytes: damage({ path }) }));
    expect(damaged.length, kind).toBeGreaterThan(0);
    const found = await client.call('POST /verify', {});
    expect(found.ok, kind).toBe(false);
    expect(found.faults[0]?.subject, kind).toMatch(new RegExp(`^${kind} sha256:`));
    expect(found.faults[0]?.detail, kind).toMatch(/^damaged \(/);
    const again = await client.call('POST /verify', {});
    expect(again.faults[0]?.detail, kind).toMatch(/^missing \(/);
    for (const { path, bytes } of damaged) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
    }
    expect((await client.call('POST /verify', {})).faults, kind).toEqual([]);
  }
}, 90_000);

test('a damaged manifest and a damaged file mark their version, which is healed when the bytes are back', async () => {
  const testService = await startService();
  const model = await threeVersions(testService.client);
  const request = { model, version: '2' };
  const route = 'GET /models/:model/versions/:version';
  const { version, files } = await testService.client.call(route, request);
  for (const digest of [version.digest.slice('sha256:'.length), files[0]!.sha256]) {
    const path = join(testService.folder, 'data', 'blobs', 'sha256', digest.slice(0, 2), digest);
    const bytes = damage({ path });
    const { faults } = await testService.client.call('POST /verify', {});
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({ subject: 'iris@2' });
    expect((await testService.client.call(route, request)).version.state).toBe('damaged');
    writeFileSync(path, bytes);
    expect(await testService.client.call('POST /verify', request)).toMatchObject({ ok: true, versions: 1 });
    expect((await testService.client.call(route, request)).version.state).toBe('ready');
  }
});

test('an interrupted verification goes on where it was, and a whole one begins anew', async () => {
  const testService = await startService();
  await manyVersions(testService, 300);
  const { verifyRegistry } = await import('../../../daemon/registry/verify/verify.ts');
  const gone = new AbortController();
  const { context } = testService.daemon;
  const stopping = { ...context, publish: () => gone.abort() };
  const part = await verifyRegistry(stopping, undefined, { gone: gone.signal });
  expect(part).toMatchObject({ ok: false, faults: [], earlier: 0, versions: 300 });
  expect(part.verified).toBeGreaterThan(0);
  expect(part.verified).toBeLessThan(part.total);
  const rest = await testService.client.call('POST /verify', {});
  expect(rest).toMatchObject({ ok: true, verified: part.total, total: part.total, earlier: part.verified });
  expect(rest.since).toBe(part.since);
  expect(await testService.client.call('POST /verify', {})).toMatchObject({
    ok: true,
    verified: part.total,
    earlier: 0,
  });
});

test('what is damaged is found again by the call that goes on, and a lost note of progress costs nothing but time', async () => {
  const testService = await startService();
  const model = await threeVersions(testService.client);
  const { files } = await testService.client.call('GET /models/:model/versions/:version', { model, version: '1' });
  const sha256 = files[0]!.sha256;
  damage({ path: join(testService.folder, 'data', 'blobs', 'sha256', sha256.slice(0, 2), sha256) });
  for (let n = 0; n < 2; n += 1) {
    writeFileSync(
      join(testService.folder, 'data', 'verified.db'),
      'no database at all, but long enough to be taken for one',
    );
    rmSync(join(testService.folder, 'data', 'verified.db-wal'), { force: true });
    expect((await testService.client.call('POST /verify', {})).faults).toMatchObject([{ subject: 'iris@1' }]);
  }
  expect(existsSync(join(testService.folder, 'data', 'quarantine', sha256))).toBe(true);
});

async function manyVersions({ daemon }: TestService, count: number): Promise<void> {
  const { registerVersion } = await import('../../../daemon/registry/versions/register.ts');
  const { facts } = await import('../plain-facts.ts');
  const source = { kind: 'hand' as const, path: '/x', run: null, writtenAt: null };
  const { context } = daemon;
  for (let n = 0; n < count; n += 1) {
    const bytes = Buffer.from(`version ${n}`);
    const files = [{ path: '', size: bytes.length, sha256: context.blobs.put(bytes).slice('sha256:'.length) }];
    const artifact = {
      model: 'many',
      files,
      primary: 'x',
      wholeFolder: false,
      facts,
      source,
      evidence: [],
      again: false,
    };
    await registerVersion(context, { actor: 'test' }, artifact);
  }
}
