import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandLineOfTest, irisOutputs } from './plinth.ts';

test('a lost registry is told by every command with 65 and the way back, and the way back works', async () => {
  const { folder, data, run, out } = commandLineOfTest();
  await out('register', join(irisOutputs(folder), 'v1', 'model.joblib'), '--model', 'iris');
  await out('backup');
  await out('stop');
  for (const end of ['', '-wal', '-shm']) rmSync(join(data, `registry.db${end}`), { force: true });
  for (const command of ['ls', 'verify', 'rebuild', 'serve']) {
    const { code, stderr } = await run(command);
    expect({ command, code }).toEqual({ command, code: 65 });
    expect(stderr).toMatch(
      /^plinth: [^\n]*registry\.db is missing[^\n]*1 version, [^\n]*plinth restore-backup [^\n]*\n$/,
    );
  }
  const { stderr } = await run('ls', '--json');
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'damaged' } });
  expect(await out('restore-backup')).toContain('restored');
  expect(await out('ls')).toContain('iris');
});

test('a new registry that is started on purpose is empty', async () => {
  const { folder, data, run, out } = commandLineOfTest();
  await out('register', join(irisOutputs(folder), 'v1', 'model.joblib'), '--model', 'iris');
  await out('stop');
  rmSync(join(data, 'registry.db'), { force: true });
  expect((await run('ls')).code).toBe(65);
  const started = run('serve', '--quiet', '--new-registry', '--idle', '1');
  expect((await started).code).toBe(0);
  expect(await out('ls')).toContain('no models yet');
});
