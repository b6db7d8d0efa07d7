import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reproduce } from '../../../daemon/clients/client/reproduce.ts';
import { startService, samples, until, type TestService } from '../../support/daemon.ts';

const hasGit = spawnSync('git', ['--version']).status === 0;
const iris = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1');

function git(folder: string, ...args: string[]): string {
  const named = ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', folder, ...named, ...args], { encoding: 'utf8' }).trim();
}

/** Makes churn@1 in a project with uncommitted changes. */
async function made(
  lay: (top: string, folder: string) => void = () => undefined,
): Promise<TestService & { top: string; commit: string }> {
  const service = await startService();
  const top = join(service.folder, 'project');
  mkdirSync(join(top, 'out', 'churn'), { recursive: true });
  writeFileSync(join(top, 'train.py'), 'lr = 0.1\n');
  writeFileSync(join(top, 'data.csv'), 'a,b\n1,2\n');
  git(top, 'init', '-q');
  lay(top, service.folder);
  git(top, 'add', '.');
  git(top, 'commit', '-q', '-m', 'first');
  const commit = git(top, 'rev-parse', 'HEAD');
  writeFileSync(join(top, 'train.py'), 'lr = 0.2\n');
  writeFileSync(join(top, 'out', 'churn', 'params.yaml'), 'data: data.csv\n');
  await service.client.call('POST /roots', { path: join(top, 'out') });
  copyFileSync(join(iris, 'model.joblib'), join(top, 'out', 'churn', 'model.joblib'));
  await until(async () => {
    const of = { model: 'churn', version: '1' };
    return (
      (await service.client.call('GET /models/:model/versions/:version', of).catch(() => undefined))?.lineage ??
      undefined
    );
  }, 'the lineage');
  return { ...service, top, commit };
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
  expect(missing).toMatch(/^Incomplete: .*\.$/);
  expect(missing).toContain('the command was not seen');
  await expect(reproduce(client, 'churn', '1', again)).rejects.toThrow('is not empty');
});

test.skipIf(!hasGit)('a repository that no longer exists is named, and nothing is made', async () => {
  const { client, top, folder } = await made();
  rmSync(top, { recursive: true });
  await expect(reproduce(client, 'churn', '1', join(folder, 'again'))).rejects.toThrow(
    `${top} of churn@1 no longer exists`,
  );
  expect(existsSync(join(folder, 'again'))).toBe(false);
});

test.skipIf(!hasGit || process.platform === 'win32')(
  'laying out runs no filter or hook of the repository and writes through none of its links',
  async () => {
    const { client, top, folder } = await made((project, outside) => {
      writeFileSync(join(project, '.gitattributes'), '*.csv filter=x=y\n');
      mkdirSync(join(outside, 'victim'));
      symlinkSync(join(outside, 'victim'), join(project, 'linked'));
      symlinkSync(join(outside, 'victim', 'guide'), join(project, 'REPRODUCE.md'));
    });
    const sprung = join(folder, 'sprung');
    const trap = `sh -c 'echo x >> ${sprung}; cat'`;
    appendFileSync(
      join(top, '.git', 'config'),
      `[filter "x=y"]\n\tsmudge = ${trap}\n\tclean = ${trap}\n[core]\n\tfsmonitor = ${trap}\n`,
    );
    for (const hook of ['post-checkout', 'reference-transaction', 'post-index-change'])
      writeFileSync(join(top, '.git', 'hooks', hook), `#!/bin/sh\necho x >> ${sprung}\n`, { mode: 0o755 });
    const again = join(folder, 'again');
    const { missing } = await reproduce(client, 'churn', '1', again);
    expect(existsSync(sprung)).toBe(false);
    expect(missing).toContain('data.csv');
    expect(readdirSync(join(folder, 'victim'))).toEqual([]);
    expect(readFileSync(join(again, 'REPRODUCE.md'), 'utf8')).toContain('# How');
  },
);

test.skipIf(!hasGit)('what is laid out is a worktree that git knows, with the commit checked out', async () => {
  const { client, top, commit, folder } = await made();
  const again = join(folder, 'again');
  await reproduce(client, 'churn', '1', again);
  expect(git(again, 'rev-parse', 'HEAD')).toBe(commit);
  expect(git(top, 'worktree', 'list')).toContain(`again`);
  expect(git(again, 'status', '--porcelain', '--untracked-files=no')).toBe('M train.py');
});
