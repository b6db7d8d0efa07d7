import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandLineOfTest, irisOutputs, type CommandLine } from './plinth.ts';

/** A registry with three versions of iris, registered by relative paths. */
async function withIris(): Promise<CommandLine> {
  const iris = commandLineOfTest();
  irisOutputs(iris.folder);
  for (const run of ['v1', 'v2', 'v3']) await iris.out('register', `outputs/${run}/model.joblib`, '--model', 'iris');
  return iris;
}

test('a first command starts the service, and a relative path is read from where the user is', async () => {
  const { folder, run, out } = commandLineOfTest();
  irisOutputs(folder);
  expect(await out('register', 'outputs/v1/model.joblib', '--model', 'iris')).toMatch(
    /^registered iris@1 · scikit-learn \S+ joblib · accuracy 0\.9556 · .*6\.2 kB · .*outputs\/v1\/model\.joblib\n$/,
  );
  const repeated = await run('register', 'outputs/v1/model.joblib', '--model', 'iris');
  expect(repeated.code).toBe(76);
  expect(repeated.stderr).toContain('is already registered as iris@1');
});

test('models, versions, all that is known of one and what differs can be seen', async () => {
  const { out } = await withIris();
  const models = (await out('ls')).split('\n');
  expect(models[0]).toMatch(/^model +versions +latest +production/);
  expect(models[1]).toMatch(/^iris +3 +v3 +– /);
  const versions = (await out('ls', 'iris')).split('\n');
  expect(versions.slice(1, 4).map((line) => line.trim().split(/\s+/)[0])).toEqual(['v3', 'v2', 'v1']);
  const shown = await out('show', 'iris@2');
  expect(shown).toMatch(/class +RandomForestClassifier/);
  expect(shown).toMatch(/log_loss +0\.118/);
  expect(shown).toMatch(/n_estimators +20/);
  expect(shown).toContain('scan: known imports only');

  const plain = await out('diff', 'iris@1', 'iris@2');
  expect(plain).toMatch(/log_loss +0\.179 +0\.118 +−0\.06104 \(−34 %\) ▲ better/);
  expect(plain).toMatch(/n_estimators +5 +20 +\+15 *\n/);
  expect(plain).not.toContain('criterion');
  expect(await out('diff', 'iris@1', 'iris@2', '--all')).toMatch(/criterion +gini +gini +=/);
  expect(await out('diff', 'iris@1', 'iris@2', '--markdown')).toContain(
    '| log\\_loss | 0.179 | 0.118 | −0.06104 (−34 %) ▲ better |',
  );
});

test('a version is promoted, taken back by its receipt, given an alias, and found again in the history and by its path', async () => {
  const { folder, run, out } = await withIris();
  expect(await out('promote', 'iris@1')).toMatch(
    /^iris production is now v1 \(was empty\) · event (\d+) · undo with: plinth undo \1\n$/,
  );
  expect(await out('promote', 'iris@2', '--reason', 'lower loss')).toContain('iris production is now v2 (was v1)');
  expect(await out('rollback', 'iris')).toContain('iris production is now v1 (was v2)');
  expect(await out('undo')).toMatch(/^undid event \d+: rolled back production of iris: v2 → v1/);
  expect(await out('ls')).toMatch(/iris +3 +v3 +v2 /);

  const { code, stderr } = await run('promote', 'iris@3', '--expect', 'none');
  expect(code).toBe(76);
  expect(stderr).toMatch(/^plinth: production of iris is v2, not empty/);
  expect(await out('ls')).toMatch(/iris +3 +v3 +v2 /);

  expect(await out('alias', 'iris@1', 'champion')).toContain('iris @champion is now v1');
  expect(await out('promote', 'iris@3', '@champion')).toContain('iris @champion is now v3 (was v1)');
  expect(await out('rollback', 'iris', '@champion')).toContain('iris @champion is now v1 (was v3)');
  expect(await out('alias', 'iris', 'champion', '--remove')).toContain('is now empty');

  const history = await out('history', 'iris');
  expect(history).toContain('production of iris: v1 → v2 (lower loss)');
  expect(history).toContain('rolled back production of iris: v2 → v1');
  expect(history).toMatch(/registered iris@3 .*\([1-9] sources?\)/);
  expect(history).not.toContain('evidence for');
  expect(await out('history', 'iris', '--all')).toContain('evidence for iris@3 from');
  expect(await out('holders', 'iris')).toMatch(/production +v2/);
  expect(await out('holders', 'iris', '--at', '2001-01-01')).toBe('nothing of iris was held\n');

  const path = (await out('path', 'iris@production')).trimEnd();
  expect(path.endsWith('model.joblib')).toBe(true);
  expect(readFileSync(path).equals(readFileSync(join(folder, 'outputs/v2/model.joblib')))).toBe(true);
});

test('verification passes, and leaves with 65 once a stored byte is gone', async () => {
  const { data, run, out, json } = await withIris();
  expect(await out('verify')).toMatch(/^sound: \d+ events, 3 versions, 3 files/);
  const { version } = (await json('show', 'iris@3')) as { version: { size: number } };
  rmSync(blobOfSize(data, version.size));
  const { code, stdout } = await run('verify', 'iris@3');
  expect(code).toBe(65);
  expect(stdout).toContain('iris@3');
  expect(await out('verify', 'iris@2')).toMatch(/^sound/);
});

test('the exported head and a receipt are heads that verify holds the log to, from text and from a file', async () => {
  const { folder, run, out } = await withIris();
  const head = (await out('verify', '--export-head')).trim();
  expect(head).toMatch(/^\d+:[0-9a-f]{64}$/);
  const receipt = await out('promote', 'iris@1', '--alias', 'kept', '--json');
  const file = join(folder, 'heads');
  writeFileSync(file, `${receipt}\n`);
  expect(await out('verify', 'iris@1', '--head', head, '--head', file)).toMatch(/^sound/);
  const other = `${head.split(':')[0]}:${'ab'.repeat(32)}`;
  const { code, stdout } = await run('verify', 'iris@1', '--head', other);
  expect(code).toBe(65);
  expect(stdout).toMatch(/the log was rewritten[^]*→ Put back a backup with: plinth restore-backup/);
  expect((await run('verify', '--head', 'nonsense')).code).toBe(64);
});

function blobOfSize(data: string, size: number): string {
  const blobs = readdirSync(join(data, 'blobs'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = blobs.map((entry) => join(entry.parentPath, entry.name));
  const found = paths.find((path) => readFileSync(path).length === size);
  if (found === undefined) throw new Error(`there is no blob of ${size} bytes`);
  return found;
}

test('the tables are rebuilt, and a backup is put back, only while the service is stopped', async () => {
  const { folder, data, run, out, json } = await withIris();
  const backedUp = (await json('backup')) as { path: string };
  await out('comment', 'iris@2', 'after the backup');
  const refused = await run('rebuild');
  expect(refused.code).toBe(75);
  expect(refused.stderr).toContain('plinth stop');
  expect(await out('stop')).toBe('stopped\n');
  expect((await run('status')).code).toBe(69);
  expect(await out('rebuild')).toMatch(/^rebuilt the tables from \d+ events: they did not change\n$/);
  writeFileSync(join(folder, 'broken.db'), 'no database');
  expect((await run('restore-backup', 'broken.db')).code).toBe(65);
  expect(await out('restore-backup')).toContain(backedUp.path);
  expect(readdirSync(data).some((name) => name.startsWith('registry.db.before-'))).toBe(true);
  const shown = await out('show', 'iris@2');
  expect(shown).toContain('iris@2');
  expect(shown).not.toContain('after the backup');
});
