import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../../support/daemon.ts';
import { commandLineOfTest, irisOutputs } from './plinth.ts';

test(
  'a backup with bytes is restored on another machine with all versions, and watches nothing there',
  { timeout: 90_000 },
  async () => {
    const { run, out, json, folder } = commandLineOfTest();
    const outputs = irisOutputs(join(folder, 'made'));
    const watched = join(folder, 'watched');
    mkdirSync(watched);
    await out('watch', watched);
    cpSync(join(outputs, 'v1'), join(watched, 'iris', 'v1'), { recursive: true });
    await until(async () => (await out('ls', 'iris').catch(() => '')).includes('v1'), 'a version', 20_000);
    const plain = (await json('backup')) as { path: string };
    expect(await out('backup')).toContain('without the stored bytes');
    const kept = join(folder, 'disk', 'kept');
    expect(await out('backup', '--with-bytes', kept)).toContain('plinth restore-backup');
    expect(await out('backup', '--with-bytes', kept)).toContain('0 of them new');

    const other = join(folder, 'other');
    const said = await out('restore-backup', kept, '--data', other);
    expect(said).toContain('1 version, 1 with bytes');
    expect(said).toContain(`no longer watched: ${watched}`);
    cpSync(join(outputs, 'v2'), join(watched, 'iris', 'v2'), { recursive: true });
    expect(readFileSync((await out('path', 'iris@1', '--data', other)).trim())).toEqual(
      readFileSync(join(outputs, 'v1/model.joblib')),
    );
    const { roots } = (await json('status', '--data', other)) as { roots: { state: string }[] };
    expect(roots.map(({ state }) => state)).toEqual(['paused']);
    expect(await out('verify', '--data', other)).not.toContain('damaged');
    await run('stop', '--data', other);

    const bare = join(folder, 'bare');
    const without = await out('restore-backup', plain.path, '--data', bare);
    expect(without).toContain('1 version, 0 with bytes');
    expect(without).toContain('put blobs/ of the old data folder');
    await run('stop');
    expect(await out('restore-backup')).not.toContain('no longer watched');
  },
);

test('bytes that are damaged are not copied, and the command says which', { timeout: 60_000 }, async () => {
  const { run, out, folder, data } = commandLineOfTest();
  await out('register', join(irisOutputs(folder), 'v1', 'model.joblib'), '--model', 'iris');
  // Damages the model's own file. A file that is written again, such as lineage, is repaired by that.
  const model = readFileSync((await out('path', 'iris@1')).trim());
  const name = createHash('sha256').update(model).digest('hex');
  const store = join(data, 'blobs');
  const blob = readdirSync(store, { recursive: true, withFileTypes: true }).find((one) => one.name === name)!;
  const path = join(blob.parentPath, blob.name);
  chmodSync(path, 0o644);
  writeFileSync(path, 'other bytes');
  const target = join(folder, 'damaged');
  const { code, stderr } = await run('backup', '--with-bytes', target);
  expect(code).toBe(65);
  expect(stderr).toContain(blob.name);
  const copied = readdirSync(join(target, 'blobs'), { recursive: true }).map(String);
  expect(copied.some((name) => name.includes(blob.name))).toBe(false);
  expect(existsSync(join(target, 'registry.db'))).toBe(true);
});
