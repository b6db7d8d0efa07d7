// Installs the VS Code workbench that the tests run in: the server inside the npm package code-server, without its compiled
// parts, into .cache/ (once, about 270 MB). Prints the folder of its lib/vscode, or why it cannot be installed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const version = '4.139.1';
const top = join(import.meta.dirname, '..');
const folder = join(top, '.cache', `code-server-${version}`);
const vscode = join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
const marker = join(folder, '.complete');

if (!existsSync(marker)) install();
console.log(vscode);

/** Installs into a temporary folder first, so that two tests that begin together do not disturb each other. */
function install() {
  const aside = `${folder}.${process.pid}`;
  const inside = join(aside, 'node_modules', 'code-server', 'lib', 'vscode');
  mkdirSync(aside, { recursive: true });
  writeFileSync(join(aside, 'package.json'), JSON.stringify({ private: true, name: 'plinth-workbench' }));
  npm(aside, 'install', `code-server@${version}`);
  npm(inside, 'install', '--omit=dev');
  slim(inside);
  writeFileSync(join(aside, '.complete'), version);
  if (existsSync(marker)) rmSync(aside, { recursive: true, force: true });
  else moveTo(aside);
}

/** Removes what is never loaded when AI features are off, or is for other systems only. */
function slim(inside) {
  const pty = join('node_modules', 'node-pty', 'prebuilds');
  const prebuilds = existsSync(join(inside, pty)) ? readdirSync(join(inside, pty)) : [];
  const unused = [
    'node_modules/@github',
    'node_modules/@microsoft/mxc-sdk',
    'node_modules/@vscode/sqlite3',
    'node_modules/@vscode/windows-process-tree',
    'node_modules/@vscode/windows-registry',
    'extensions/copilot',
    'extensions/mermaid-markdown-features',
    'extensions/microsoft-authentication',
    ...prebuilds.filter((name) => name !== `${process.platform}-${process.arch}`).map((name) => join(pty, name)),
  ];
  for (const path of unused) rmSync(join(inside, path), { recursive: true, force: true });
}

function moveTo(aside) {
  rmSync(folder, { recursive: true, force: true });
  renameSync(aside, folder);
}

/** Runs npm. When the registry does not answer, npm fails soon and says so in its last line, not after minutes. */
function npm(cwd, ...args) {
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1'];
  const windows = process.platform === 'win32';
  const result = spawnSync(windows ? 'npm.cmd' : 'npm', [...args, ...flags], {
    cwd,
    encoding: 'utf8',
    shell: windows,
  });
  if (result.status === 0) return;
  rmSync(`${folder}.${process.pid}`, { recursive: true, force: true });
  const code = /npm error code (\w+)/.exec(result.stderr ?? '')?.[1];
  console.error(`the VS Code server could not be installed from the package registry (${code ?? 'npm failed'})`);
  process.exit(1);
}
