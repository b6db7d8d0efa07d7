import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporary } from '../support/daemon.ts';

export const hasGit = spawnSync('git', ['--version']).status === 0;

export function git(folder: string, ...args: string[]): string {
  const named = ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', folder, ...named, '-c', 'protocol.file.allow=always', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

export function put(path: string, text: string | Buffer): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Makes a repository with a few committed files in a folder of its own, and a program that records when it is run. */
export function repository(...options: string[]): Trapped {
  const top = join(temporary(), 'project');
  mkdirSync(top);
  git(top, 'init', '-q', '-b', 'main', ...options);
  put(join(top, 'train.py'), 'lr = 0.1\n');
  put(join(top, 'data', 'train.csv'), 'a,b\n1,2\n');
  git(top, 'add', '.');
  git(top, 'commit', '-q', '-m', 'first');
  const sprung = join(dirname(top), 'sprung');
  const trap = put(join(dirname(top), 'trap.sh'), `#!/bin/sh\necho "$0 $*" >> '${sprung}'\ncat\n`);
  chmodSync(trap, 0o755);
  return { top, trap, config: join(top, '.git', 'config'), wasSprung: () => existsSync(sprung) };
}

export interface Trapped {
  top: string;
  trap: string;
  config: string;
  wasSprung: () => boolean;
}
