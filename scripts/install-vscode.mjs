// Installs the VS Code workbench that the tests run in: the server inside the npm package code-server, without its
// compiled parts, into .cache/ (once, about 270 MB). Prints the folder of its lib/vscode, or why it cannot be had.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const version = '4.139.1';
const top = join(import.meta.dirname, '..');
const folder = join(top, '.cache', `code-server-${version}`);
const vscode = join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
const stamp = join(folder, '.complete');

if (!existsSync(stamp)) install();
console.log(vscode);

function install() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, name: 'plinth-workbench' }));
  npm(folder, 'install', `code-server@${version}`);
  npm(vscode, 'install', '--omit=dev');
  for (const unused of [
    'node_modules/@github',
    'node_modules/@vscode/sqlite3',
    'extensions/copilot',
    'extensions/microsoft-authentication',
  ]) {
    rmSync(join(vscode, unused), { recursive: true, force: true });
  }
  writeFileSync(stamp, version);
}

function npm(cwd, ...args) {
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const windows = process.platform === 'win32';
  const result = spawnSync(windows ? 'npm.cmd' : 'npm', [...args, ...flags], {
    cwd,
    stdio: ['ignore', 2, 'inherit'],
    shell: windows,
  });
  if (result.status === 0) return;
  console.error(`npm ${args.join(' ')} failed`);
  process.exit(1);
}
