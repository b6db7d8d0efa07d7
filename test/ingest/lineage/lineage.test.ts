import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../../daemon/clients/client/request.ts';
import { configure } from '../../../daemon/config.ts';
import { startDaemon } from '../../../daemon/daemon.ts';
import { silent } from '../../../daemon/log.ts';
import type { Lineage } from '../../../daemon/protocol/lineage.ts';
import { startService, samples, until, type TestService } from '../../support/daemon.ts';

const hasGit = spawnSync('git', ['--version']).status === 0;
const onLinux = process.platform === 'linux';
const model = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib');

function git(folder: string, ...args: string[]): string {
  const named = ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', folder, ...named, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}

function put(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Makes a project in a git repository, whose `out` is watched. */
async function project(): Promise<TestService & { top: string; commit: string }> {
  const service = await startService();
  const top = join(service.folder, 'project');
  put(join(top, 'train.py'), 'lr = 0.1\n');
  put(join(top, 'data', 'train.csv'), 'age,income,"left, or right",y\n1,2,3,0\n4,5,6,1\n');
  put(join(top, 'requirements.txt'), 'numpy==2.0.1\n');
  mkdirSync(join(top, 'out'));
  git(top, 'init', '-q', '-b', 'main');
  git(top, 'remote', 'add', 'origin', 'https://ana:hunter22222@example.com/project.git');
  git(top, 'add', '.');
  git(top, 'commit', '-q', '-m', 'first');
  await service.client.call('POST /roots', { path: join(top, 'out') });
  return { ...service, top, commit: git(top, 'rev-parse', 'HEAD') };
}

async function lineageOf({ client }: TestService, name: string): Promise<Lineage> {
  return until(async () => {
    const request = { model: name, version: '1' };
    const detail = await client.call('GET /models/:model/versions/:version', request).catch(() => undefined);
    return detail?.lineage ?? undefined;
  }, `the lineage of ${name}`);
}

test.skipIf(!hasGit)(
  'a version tells its commit, its uncommitted changes without secrets, its data and its requirements',
  async () => {
    const service = await project();
    put(join(service.top, 'train.py'), "lr = 0.2\napi_key = 'abcdefgh12345'\n");
    put(join(service.top, '.env'), 'TOKEN=abcdefgh12345\n');
    git(service.top, 'add', '-N', '-f', '.env');
    put(
      join(service.top, 'out', 'churn', 'params.yaml'),
      'data: data/train.csv\nseed: 7\nother: ../../../etc/passwd.csv\n',
    );
    copyFileSync(model, join(service.top, 'out', 'churn', 'model.joblib'));
    const lineage = await lineageOf(service, 'churn');
    expect(lineage.code).toMatchObject({
      commit: service.commit,
      branch: 'main',
      changed: true,
      known: 'now',
      remote: 'https://example.com/project.git',
    });
    expect(lineage.data).toMatchObject([
      { path: 'data/train.csv', rows: 2, columns: ['age', 'income', 'left, or right', 'y'], named: 'param data' },
    ]);
    expect(lineage.seeds).toEqual({ seed: 7, random_state: 7 });
    expect(lineage.captured.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['uncommitted.diff', 'requirements.txt', 'out/churn/params.yaml']),
    );
    const request = { model: 'churn', version: '1', path: 'uncommitted.diff' };
    const { text } = await service.client.call('GET /models/:model/versions/:version/captured', request);
    expect(text).toContain('+lr = 0.2');
    expect(text).not.toContain('abcdefgh12345');
    expect(text).not.toContain('.env');
  },
);

test.skipIf(!hasGit)('nothing that a repository configures is run', async () => {
  const service = await project();
  const trap = put(join(service.folder, 'trap.sh'), `#!/bin/sh\ntouch ${join(service.folder, 'sprung')}\ncat\n`);
  chmodSync(trap, 0o755);
  for (const key of [
    'core.fsmonitor',
    'filter.evil.clean',
    'filter.evil.smudge',
    'filter.evil.process',
    'diff.external',
    'diff.evil.textconv',
    'core.pager',
    'core.sshCommand',
  ])
    git(service.top, 'config', key, trap);
  git(service.top, 'config', 'filter.evil.required', 'true');
  put(join(service.top, '.git', 'hooks', 'post-index-change'), `#!/bin/sh\ntouch ${join(service.folder, 'sprung')}\n`);
  chmodSync(join(service.top, '.git', 'hooks', 'post-index-change'), 0o755);
  put(join(service.top, '.gitattributes'), '*.py filter=evil\n* diff=evil\n');
  put(join(service.top, 'train.py'), 'lr = 0.3\n');
  put(join(service.top, 'requirements.txt'), 'numpy==2.0.2\n');
  copyFileSync(model, join(service.top, 'out', 'model.joblib'));
  const lineage = await lineageOf(service, 'project');
  expect(lineage.code).toMatchObject({ commit: service.commit, changed: true });
  expect(existsSync(join(service.folder, 'sprung'))).toBe(false);
});

test.skipIf(!hasGit)(
  'of an artifact that is older than the look the date tells the commit, and nothing tells changes',
  async () => {
    const service = await project();
    put(join(service.top, 'train.py'), 'lr = 0.4\n');
    const path = join(service.top, 'out', 'model.joblib');
    copyFileSync(model, path);
    const then = Date.now() / 1000 - 3600;
    utimesSync(path, then, then);
    const lineage = await lineageOf(service, 'project');
    expect(lineage.code).toMatchObject({ known: 'date', changed: null });
    expect(lineage.captured).toEqual([]);
  },
);

test.skipIf(!hasGit)(
  'of an artifact that is older than the look the settings are captured that were not written since',
  async () => {
    const service = await project();
    const run = join(service.top, 'out', 'run-1');
    const config = put(join(run, 'config.yaml'), 'lr: 0.4\n');
    put(join(run, 'params.json'), '{"lr": 0.5}');
    const path = join(run, 'model.joblib');
    copyFileSync(model, path);
    const then = Date.now() / 1000 - 3600;
    utimesSync(config, then, then);
    utimesSync(path, then, then);
    const lineage = await lineageOf(service, 'project');
    expect(lineage.captured.map((one) => one.path)).toEqual(['out/run-1/config.yaml']);
  },
);

test.skipIf(!onLinux)(
  'the process that wrote it is told, without its secrets, though it has closed the file',
  async () => {
    const service = await startService();
    await service.client.call('POST /roots', { path: service.out });
    const script = put(
      join(service.out, 'train.mjs'),
      `import { copyFileSync } from 'node:fs';
    copyFileSync(${JSON.stringify(model)}, 'model.joblib'); setTimeout(() => {}, 20000);`,
    );
    const child = spawn(process.execPath, [script, '--lr', '0.1', '--token', 'abcdefgh12345'], { cwd: service.out });
    onTestFinished(() => void child.kill());
    const lineage = await lineageOf(service, 'model');
    expect(lineage.process).toMatchObject({
      folder: service.out,
      script,
      command: [process.execPath, script, '--lr', '0.1', '--token', '[redacted]'],
    });
  },
);

test('a version that the service left without a lineage when it ended gets one at its next start', async () => {
  const service = await startService();
  await service.client.call('POST /roots', { path: service.out });
  copyFileSync(model, join(service.out, 'model.joblib'));
  await lineageOf(service, 'model');
  await service.daemon.stop();
  const dataFolder = join(service.folder, 'data');
  const database = new Database(join(dataFolder, 'registry.db'));
  database.exec('DELETE FROM lineage');
  database.close();
  const again = await startDaemon(configure({ version: '0.0.0', dataFolder }), silent);
  onTestFinished(() => again.stop());
  const lineage = await lineageOf({ ...service, client: connect(again.file, 'test') }, 'model');
  expect(lineage.takenAt).toBeGreaterThan(0);
});

test('packages are read from the names in an environment, and no Python runs', async () => {
  const service = await startService();
  const venv = join(service.out, '.venv');
  put(join(venv, 'pyvenv.cfg'), 'home = /usr/bin\nversion = 3.12.4\n');
  for (const name of ['numpy-2.0.1.dist-info', 'nvidia_cuda_runtime_cu12-12.4.127.dist-info', 'torch'])
    mkdirSync(join(venv, 'lib', 'python3.12', 'site-packages', name), { recursive: true });
  mkdirSync(join(venv, 'bin'));
  symlinkSync('/nowhere/python', join(venv, 'bin', 'python'));
  await service.client.call('POST /roots', { path: service.out });
  copyFileSync(model, join(service.out, 'model.joblib'));
  const lineage = await lineageOf(service, 'model');
  expect(lineage.environment).toMatchObject({
    python: '3.12.4',
    cuda: '12.4.127',
    packages: { numpy: '2.0.1', 'nvidia-cuda-runtime-cu12': '12.4.127' },
  });
});
