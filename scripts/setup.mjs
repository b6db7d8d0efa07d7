// Makes a checkout ready: installs what package-lock.json pins, where that is not done yet. Needs nothing but Node >= 20.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const top = join(import.meta.dirname, '..');
const modules = join(top, 'node_modules');
const stampFile = join(modules, '.plinth-lock');

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) fail(`Node ${process.versions.node} is too old: install Node 20 or newer.`);

const stamp = createHash('sha256')
  .update(readFileSync(join(top, 'package-lock.json')))
  .digest('hex');
if (!isInstalled()) install();

function isInstalled() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp && pinnedNodeWorks();
}

function install() {
  console.log('Setting up: installing the pinned packages (once) …');
  if (npm('ci', '--ignore-scripts') !== 0)
    fail('npm ci failed: see above. Check the network, then run the same command again.');
  if (!pinnedNodeWorks()) fetchPinnedNode();
  if (npm('rebuild', '--ignore-scripts', 'node') !== 0)
    fail('The pinned Node could not be put on the path of the scripts.');
  writeFileSync(stampFile, stamp);
}

function npm(...args) {
  const path = process.env.npm_execpath;
  const [command, first] = path ? [process.execPath, [path]] : [process.platform === 'win32' ? 'npm.cmd' : 'npm', []];
  const flags = ['--no-audit', '--no-fund', '--loglevel=error'];
  return spawnSync(command, [...first, ...args, ...flags], { cwd: top, stdio: ['ignore', 'inherit', 'inherit'] })
    .status;
}

/** No install script is needed but this one, which puts the pinned Node in place; better-sqlite3 ships its binaries. */
function fetchPinnedNode() {
  const cwd = join(modules, 'node');
  for (let tries = 0; tries < 3 && !pinnedNodeWorks(); tries += 1)
    spawnSync(process.execPath, ['installArchSpecificPackage.js'], { cwd, stdio: 'inherit' });
  if (!pinnedNodeWorks())
    fail('The pinned Node could not be installed: see above. Check the network, then run the same command again.');
}

function pinnedNodeWorks() {
  const binary = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(binary) && spawnSync(binary, ['--version']).status === 0;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
