// Prepares a checkout: installs what package-lock.json pins, unless that is already done. Needs only Node >= 20.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const top = join(import.meta.dirname, '..');
const modules = join(top, 'node_modules');
const fingerprintFile = join(modules, '.plinth-lock');

/**
 * A Node that is not the pinned one. An npm script runs with the pinned Node of an earlier set-up, which `npm ci` deletes while
 * this script runs.
 */
const inside = existsSync(modules) ? realpathSync(modules) : modules;
const isOuter = (path) => path !== undefined && !path.startsWith(inside) && !path.startsWith(modules);
const outerNode = [process.execPath, process.env.npm_node_execpath].find(isOuter) ?? 'node';
const paths = (process.env.PATH ?? '').split(delimiter);
const outerEnv = { ...process.env, PATH: paths.filter(isOuter).join(delimiter) };

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) fail(`Node ${process.versions.node} is too old: install Node 20 or newer.`);

const fingerprint = createHash('sha256')
  .update(readFileSync(join(top, 'package-lock.json')))
  .digest('hex');
if (!isInstalled()) await install();

function isInstalled() {
  return existsSync(fingerprintFile) && readFileSync(fingerprintFile, 'utf8') === fingerprint && pinnedNodeWorks();
}

async function install() {
  console.log('Set-up 1 of 3: fetching the pinned packages (once; a minute or two) …');
  if ((await withNews(() => npm('ci', '--ignore-scripts'))) !== 0)
    fail('npm ci failed: see above. Check the network, then run the same command again.');
  console.log('Set-up 2 of 3: putting the pinned Node in place …');
  if (!pinnedNodeWorks()) fetchPinnedNode();
  console.log('Set-up 3 of 3: linking the pinned Node for the scripts …');
  if ((await npm('rebuild', '--ignore-scripts', 'node')) !== 0)
    fail('The pinned Node could not be put on the path of the scripts.');
  writeFileSync(fingerprintFile, fingerprint);
  console.log('Set-up done.');
}

/** Prints every few seconds how far the installation has come, because npm prints nothing until it is done. */
async function withNews(act) {
  const began = Date.now();
  const tell = () => {
    const seconds = Math.round((Date.now() - began) / 1000);
    console.log(`  ${unpacked()} packages unpacked after ${seconds} s, still fetching …`);
  };
  const timer = setInterval(tell, 5000);
  try {
    return await act();
  } finally {
    clearInterval(timer);
  }
}

function unpacked() {
  const names = existsSync(modules) ? readdirSync(modules).filter((name) => !name.startsWith('.')) : [];
  return names.flatMap((name) => (name.startsWith('@') ? readdirSync(join(modules, name)) : [name])).length;
}

function npm(...args) {
  const path = process.env.npm_execpath;
  const isWindows = process.platform === 'win32';
  const [command, first] = path ? [outerNode, [path]] : [isWindows ? 'npm.cmd' : 'npm', []];
  const flags = ['--no-audit', '--no-fund', '--loglevel=error'];
  const options = { cwd: top, stdio: ['ignore', 'inherit', 'inherit'], shell: !path && isWindows, env: outerEnv };
  return new Promise((resolve) => {
    const child = spawn(command, [...first, ...args, ...flags], options);
    child.on('error', (error) => fail(`npm cannot be run (${error.message}): install Node with npm.`));
    child.on('exit', resolve);
  });
}

/** Runs the one install script that is needed, which puts the pinned Node in place. better-sqlite3 ships its binaries. */
function fetchPinnedNode() {
  const cwd = join(modules, 'node');
  for (let tries = 0; tries < 3 && !pinnedNodeWorks(); tries += 1)
    spawnSync(outerNode, ['installArchSpecificPackage.js'], { cwd, stdio: 'inherit', env: outerEnv });
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
