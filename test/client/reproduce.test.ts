import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reproduce } from '../../daemon/client/reproduce.ts';
import { here, samples, until, type Here } from '../here.ts';

const hasGit = spawnSync('git', ['--version']).status === 0;
const iris = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1');

function git(folder: string, ...args: string[]): string {
  const named = ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', folder, ...named, ...args], { encoding: 'utf8' }).trim();
}

/** churn@1, made in a project with uncommitted changes. */
async function made(): Promise<Here & { top: string; commit: string }> {
  const place = await here();
  const top = join(place.folder, 'project');
  mkdirSync(join(top, 'out', 'churn'), { recursive: true });
  writeFileSync(join(top, 'train.py'), 'lr = 0.1\n');
  writeFileSync(join(top, 'data.csv'), 'a,b\n1,2\n');
  git(top, 'init', '-q');
  git(top, 'add', '.');
  git(top, 'commit', '-q', '-m', 'first');
  const commit = git(top, 'rev-parse', 'HEAD');
  writeFileSync(join(top, 'train.py'), 'lr = 0.2\n');
  writeFileSync(join(top, 'out', 'churn', 'params.yaml'), 'data: data.csv\n');
  await place.client.call('POST /roots', { path: join(top, 'out') });
  copyFileSync(join(iris, 'model.joblib'), join(top, 'out', 'churn', 'model.joblib'));
  await until(async () => {
    const of = { model: 'churn', version: '1' };
    return (
      (await place.client.call('GET /models/:model/versions/:version', of).catch(() => undefined))?.lineage ?? undefined
    );
  }, 'the lineage');
  return { ...place, top, commit };
}

test.skipIf(!hasGit)(
  'a version is laid out as it was: its commit, its uncommitted changes, its data checked',
  async () => {
    const { client, top, commit, folder } = await made();
    writeFileSync(join(top, 'train.py'), 'lr = 0.9\n');
    git(top, 'commit', '-q', '-a', '-m', 'second');
    const again = join(folder, 'again');
    const found = await reproduce(client, 'churn', '1', again);
    expect(found).toMatchObject({ commit, data: [{ path: 'data.csv', state: 'same' }] });
    expect(readFileSync(join(again, 'train.py'), 'utf8')).toBe('lr = 0.2\n');
    expect(readFileSync(join(again, 'REPRODUCE.md'), 'utf8')).toContain(commit);
    expect(existsSync(join(again, '.uncommitted.diff'))).toBe(false);
  },
);

test.skipIf(!hasGit)('what keeps it from being the whole is said in one sentence', async () => {
  const { client, top, folder } = await made();
  writeFileSync(join(top, 'data.csv'), 'a,b\n9,9\n');
  git(top, 'commit', '-q', '-a', '-m', 'second');
  const again = join(folder, 'again');
  rmSync(join(top, 'data.csv'));
  const { missing } = await reproduce(client, 'churn', '1', again);
  expect(missing).toMatch(/^Not the whole: .*\.$/);
  expect(missing).toContain('the command was not seen');
  await expect(reproduce(client, 'churn', '1', again)).rejects.toThrow('holds something already');
});

test.skipIf(!hasGit)('a repository that is gone is named, and nothing is made', async () => {
  const { client, top, folder } = await made();
  rmSync(top, { recursive: true });
  await expect(reproduce(client, 'churn', '1', join(folder, 'again'))).rejects.toThrow(`${top} of churn@1 is gone`);
  expect(existsSync(join(folder, 'again'))).toBe(false);
});
