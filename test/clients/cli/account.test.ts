import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, type TestContext } from 'vitest';
import { currentUser } from '../../../daemon/runtime/current-user.ts';
import { temporary } from '../../support/daemon.ts';
import { mainScript } from '../../support/program.ts';
import { samples } from './plinth.ts';

/** The id of an account that the system has no entry for, as in a container that runs with a bare uid. */
const uid = 12_345;
const reason = whyNot();

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may run a command as another account';
  const { status } = spawnSync(process.execPath, ['-e', `require('fs').readFileSync(${JSON.stringify(mainScript)})`], { uid, gid: uid }); // prettier-ignore
  return status === 0 ? undefined : 'another account may not read this checkout';
}

function notHere({ task, skip }: TestContext, why: string): void {
  Object.assign(task.meta, { reason: why });
  skip(why);
}

interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the command line as that account, with only these variables. */
function run(env: Record<string, string>, ...args: string[]): Outcome {
  const options = {
    uid,
    gid: uid,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    cwd: '/',
    encoding: 'utf8' as const,
  };
  return spawnSync(process.execPath, [mainScript, ...args], options);
}

/** Makes a folder that every account may enter. */
function open(): string {
  const folder = temporary();
  chmodSync(folder, 0o755);
  return folder;
}

function oneSentence({ status, stdout, stderr }: Outcome): string {
  expect({ status, stdout }).toEqual({ status: 73, stdout: '' });
  expect(stderr).toMatch(/^plinth: [A-Z][^\n]+\.\n$/);
  return stderr;
}

test(
  'an account without an entry has a registry of its own, and is told by its uid',
  { timeout: 60_000 },
  (context) => {
    if (reason !== undefined) return notHere(context, reason);
    const data = join(open(), 'data');
    mkdirSync(data);
    chmodSync(data, 0o777);
    onTestFinished(() => void run({ PLINTH_DATA: data }, 'stop'));
    const model = join(samples, 'sklearn/iris-script/outputs/v1/model.joblib');
    expect(run({ PLINTH_DATA: data }, 'register', model, '--model', 'iris')).toMatchObject({ status: 0, stderr: '' });
    expect(run({ PLINTH_DATA: data }, 'promote', 'iris@1')).toMatchObject({ status: 0, stderr: '' });
    expect(run({ PLINTH_DATA: data }, 'history', 'iris').stdout).toContain(`uid ${uid}`);
    expect(run({ PLINTH_DATA: data }, 'undo')).toMatchObject({ status: 0, stderr: '' });
    expect(statSync(data).mode & 0o777).toBe(0o777);
    for (const name of readdirSync(data)) expect([name, statSync(join(data, name)).mode & 0o077]).toEqual([name, 0]);
    return undefined;
  },
);

test('without a home folder of its own an account is told what to name', (context) => {
  if (reason !== undefined) return notHere(context, reason);
  expect(oneSentence(run({}, 'ls'))).toContain('PLINTH_DATA');
  const { status, stderr } = run({ HOME: '/' }, 'ls');
  expect(status).toBe(69);
  expect(stderr).toMatch(/^plinth: [^\n]+--data[^\n]*\n$/);
  return undefined;
});

test('another account’s data folder is refused in one sentence, by every way in', { timeout: 60_000 }, (context) => {
  if (reason !== undefined) return notHere(context, reason);
  const folder = open();
  const closed = join(folder, 'closed');
  const readable = join(folder, 'readable');
  const shared = join(folder, 'shared');
  for (const [path, mode] of [
    [closed, 0o700],
    [readable, 0o755],
    [shared, 0o777],
  ] as const) {
    // prettier-ignore
    mkdirSync(path);
    chmodSync(path, mode);
  }
  mkdirSync(join(shared, 'log'), { mode: 0o700 });
  for (const command of [['ls'], ['serve']])
    for (const data of [closed, readable, shared]) {
      const said = oneSentence(run({}, ...command, '--data', data));
      expect(said).toContain(data);
      expect(said).toContain('uid 0');
    }
  expect(oneSentence(run({}, 'ls', '--data', join(closed, 'inner')))).toContain('cannot be reached');
  expect([closed, readable, shared].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o755, 0o777]);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  chownSync(file, uid, uid);
  expect(oneSentence(run({}, 'ls', '--data', file))).toContain('is a file');
  return undefined;
});

test('where the system knows no name of the account, USER and LOGNAME are asked', (context) => {
  if (reason !== undefined) return notHere(context, reason);
  const module = join(import.meta.dirname, '../../../daemon/runtime/current-user.ts');
  const script = `const { currentUser } = await import(${JSON.stringify(module)}); console.log(currentUser())`;
  const says = (env: Record<string, string>): string =>
    spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      uid,
      gid: uid,
      env,
      encoding: 'utf8',
    }).stdout.trim();
  expect([says({ USER: 'ana' }), says({ LOGNAME: 'bo' }), says({})]).toEqual(['ana', 'bo', `uid ${uid}`]);
  expect(currentUser()).not.toBe('');
  return undefined;
});
