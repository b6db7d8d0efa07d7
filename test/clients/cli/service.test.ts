import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { serviceFileFor } from '../../../daemon/clients/cli/service-file.ts';
import { temporary, until } from '../../support/daemon.ts';
import { commandLineOfTest } from './plinth.ts';

/** Paths with every character that one of the formats gives a meaning. */
const odd = { node: '/opt/no de/bin/node', script: '/a "b" $HOME %h\\c/plinth.js', dataFolder: `/d&<x>'y'/data` };

/** Splits a line of a unit into words by the rules of systemd.service(5). */
function systemdWords(line: string): string[] {
  return [...line.matchAll(/"((?:\\.|[^"\\])*)"|(\S+)/g)].map(([, quoted, bare]) =>
    (quoted ?? bare ?? '').replaceAll(/\\(.)/g, '$1').replaceAll('%%', '%').replaceAll('$$', '$'),
  );
}

const wanted = [odd.node, odd.script, '--data', odd.dataFolder, 'serve', '--quiet'];

test('a systemd unit starts exactly the program, whatever characters its paths have', () => {
  const file = serviceFileFor('linux', '/home/ana', odd, {});
  expect(file?.path).toBe('/home/ana/.config/systemd/user/plinth.service');
  const line = /^ExecStart=(.*)$/m.exec(file?.text ?? '')?.[1] ?? '';
  expect(systemdWords(line)).toEqual(wanted);
  expect(serviceFileFor('linux', '/home/ana', odd, { XDG_CONFIG_HOME: '/cfg' })?.path).toBe(
    '/cfg/systemd/user/plinth.service',
  );
});

test('systemd finds no mistake in a unit, whatever characters the path of Node has', { timeout: 60_000 }, (context) => {
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) return context.skip('there is no systemd-analyze');
  const folder = temporary();
  const unit = join(folder, 'plinth.service');
  const complaint = (name: string): string => {
    const dataFolder = join(folder, name);
    const [node, script] = [join(dataFolder, 'node'), join(dataFolder, 'plinth.js')];
    mkdirSync(dataFolder);
    symlinkSync(process.execPath, node);
    const file = serviceFileFor('linux', folder, { node, script, dataFolder }, {});
    writeFileSync(unit, file?.text ?? '');
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
    const words = systemdWords(/^ExecStart=(.*)$/m.exec(file?.text ?? '')?.[1] ?? '');
    expect(words.slice(-6)).toEqual([node, script, '--data', dataFolder, 'serve', '--quiet']);
    return status === 0 ? '' : stderr;
  };
  if (complaint('plain').includes('initialize manager')) return context.skip('systemd-analyze cannot check units here');
  const names = ['a b', 'a$b', 'a%h', 'a"b', String.raw`a\b`, "a'b", 'a;b', 'ä'];
  expect(names.map(complaint).filter((one) => one !== '')).toEqual([]);
});

test('a launchd agent is a property list that starts exactly the program', (context) => {
  const file = serviceFileFor('darwin', '/Users/ana', odd, {});
  expect(file?.path).toBe('/Users/ana/Library/LaunchAgents/dev.plinth.registry.plist');
  const script = 'import sys, plistlib, json; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))';
  const { status, stdout } = spawnSync('python3', ['-c', script], { input: file?.text, encoding: 'utf8' });
  if (status === null) return context.skip('there is no python3');
  expect(JSON.parse(stdout)).toMatchObject({ ProgramArguments: wanted, RunAtLoad: true });
});

test('a task of Windows is XML that starts exactly the program', (context) => {
  const program = { node: 'C:\\Program Files\\node.exe', script: 'C:\\a&b\\plinth.js', dataFolder: 'C:\\data "x"\\' };
  const file = serviceFileFor('win32', 'C:\\Users\\ana', program, {});
  expect(file?.enable[0]).toContain(`${program.dataFolder}plinth-task.xml`);
  const script = `import sys, json, xml.etree.ElementTree as e
top = e.fromstring(sys.stdin.buffer.read().decode().replace('UTF-16', 'UTF-8').encode())
print(json.dumps([one.text for one in top.iter() if one.tag.endswith('Command') or one.tag.endswith('Arguments')]))`;
  const { status, stdout } = spawnSync('python3', ['-c', script], { input: file?.text, encoding: 'utf8' });
  if (status === null) return context.skip('there is no python3');
  const [command, words] = JSON.parse(stdout) as string[];
  expect(command).toBe(program.node);
  expect(words).toBe(String.raw`"C:\a&b\plinth.js" "--data" "C:\data \"x\"\\" "serve" "--quiet"`);
});

test('another platform has no file', () => {
  expect(serviceFileFor('aix', '/home/ana', odd, {})).toBeUndefined();
});

test.runIf(process.platform === 'linux')(
  'install writes a unit whose command starts the registry, and uninstall removes it',
  { timeout: 60_000 },
  async () => {
    const line = commandLineOfTest();
    const { folder, out, run } = line;
    // Even where systemd runs, it is not to be changed by a test.
    const env = {
      XDG_CONFIG_HOME: join(folder, 'config'),
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere',
      XDG_RUNTIME_DIR: folder,
    };
    const as = (...words: string[]) => line.as(env, ...words);
    expect((await as('service', 'status')).stdout).toContain('not installed');
    expect((await as('service', 'uninstall')).stderr).toContain('the service is not installed');
    const installed = await as('service', 'install');
    expect(installed.stdout).toMatch(/^written to .*plinth\.service\nnot started: systemctl /);
    const unit = join(folder, 'config', 'systemd', 'user', 'plinth.service');
    const [program = '', ...args] = systemdWords(/^ExecStart=(.*)$/m.exec(readFileSync(unit, 'utf8'))?.[1] ?? '');
    const started = spawn(program, args, { stdio: 'ignore' });
    onTestFinished(() => void started.kill());
    await until(async () => (await run('status')).code === 0, 'a running service');
    expect((await as('service', 'status')).stdout).toMatch(/^installed, not running: /);
    expect(await out('ls')).toContain('no models yet');
    await as('service', 'uninstall');
    expect(existsSync(unit)).toBe(false);
  },
);
