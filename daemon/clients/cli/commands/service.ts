import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import type { Command } from 'commander';
import { RegistryError } from '../../../errors.ts';
import { homeFolder } from '../../../runtime/current-user.ts';
import { UsageError } from '../exit.ts';
import { homePath } from '../paths.ts';
import { serviceFileFor, type ServiceFile } from '../service-file.ts';
import type { Open, Session } from '../session.ts';

export function service(program: Command, open: Open): void {
  const command = program.command('service').description('start the registry service at login');
  command
    .command('install')
    .description('write a systemd unit, launchd agent or Windows task for this user, and start it')
    .action(() => install(open()));
  command
    .command('uninstall')
    .description('stop it and remove what install wrote')
    .action(() => uninstall(open()));
  command
    .command('status')
    .description('say whether it is installed and running')
    .action(() => status(open()));
}

function install(session: Session): void {
  const file = fileOf(session);
  mkdirSync(dirname(file.path), { recursive: true });
  writeFileSync(file.path, file.text, { encoding: process.platform === 'win32' ? 'utf16le' : 'utf8', mode: 0o600 });
  const failed = firstFailure(file.enable);
  const started = failed === undefined;
  session.print({ path: file.path, started, ...(failed !== undefined && { problem: failed }) }, () => [
    `written to ${homePath(file.path)}`,
    started ? 'the registry service starts at each login, and runs now' : `not started: ${failed}`,
  ]);
}

function uninstall(session: Session): void {
  const file = fileOf(session);
  if (!existsSync(file.path))
    throw new RegistryError('not-found', `${file.path} does not exist: the service is not installed.`);
  const failed = firstFailure(file.disable);
  rmSync(file.path);
  session.print({ path: file.path, removed: true, ...(failed !== undefined && { problem: failed }) }, () => [
    `removed ${homePath(file.path)}`,
    ...(failed === undefined ? [] : [`it may still run: ${failed}`]),
  ]);
}

function status(session: Session): void {
  const file = fileOf(session);
  const encoding = process.platform === 'win32' ? 'utf16le' : 'utf8';
  const installed = existsSync(file.path);
  const current = installed && readFileSync(file.path, encoding) === file.text;
  const running = installed && firstFailure([file.isActive]) === undefined;
  session.print({ path: file.path, installed, current, running }, () => {
    if (!installed) return ['not installed; plinth service install starts the registry service at each login'];
    const state = running ? 'installed and running' : 'installed, not running';
    return [`${state}: ${homePath(file.path)}`, ...(current ? [] : ['it is of another program or data folder; renew it with: plinth service install'])]; // prettier-ignore
  });
}

/** Returns the file for this platform and program. Throws for a program that will not stay where it is. */
function fileOf({ dataFolder }: Session): ServiceFile {
  const script = realpathSync(process.argv[1] ?? '');
  if (script.split(sep).includes('_npx'))
    throw new UsageError('This program was only fetched for one command. Install it first: npm install -g plinth');
  const home = homeFolder();
  const file = home === undefined ? undefined : serviceFileFor(process.platform, home, { node: process.execPath, script, dataFolder }, process.env); // prettier-ignore
  if (file) return file;
  throw new RegistryError(
    'invalid-request',
    `There is no service manager for ${process.platform} here. Start the service with: plinth serve`,
  );
}

const maxMs = 20_000;

/** Runs commands in order and returns a sentence about the first that fails; undefined for none. */
function firstFailure(commands: readonly string[][]): string | undefined {
  for (const [program = '', ...args] of commands) {
    const {
      status: code,
      stderr,
      error,
    } = spawnSync(program, args, { encoding: 'utf8', timeout: maxMs, windowsHide: true });
    if (error) return `${program} cannot be run here`;
    if (code !== 0) return `${[program, ...args].join(' ')} failed: ${stderr.trim().split('\n')[0] ?? ''}`;
  }
  return undefined;
}
