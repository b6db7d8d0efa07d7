// Builds the command line when npm links, packs or installs this folder, so that `plinth` runs afterwards. Any Node from 20 on
// can run this script; the build runs on the pinned one.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const top = join(import.meta.dirname, '..');
const pinned = join(top, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const [major, minor] = process.versions.node.split('.').map(Number);
/** True when this Node reads TypeScript by itself, which the build needs. */
const isRecent = major > 22 || (major === 22 && minor >= 18);
const isPacking = process.env.npm_command === 'pack' || process.env.npm_command === 'publish';

if (!existsSync(join(top, 'node_modules', 'esbuild')) || !(isRecent || works(pinned)))
  run(process.execPath, [join(top, 'scripts', 'setup.mjs')]);
run(works(pinned) ? pinned : process.execPath, [join(top, 'scripts', 'build.mjs'), ...(isPacking ? ['--minify'] : [])]);

function works(node) {
  return existsSync(node) && spawnSync(node, ['--version']).status === 0;
}

/** Sends the build's output to standard error, because programs read the standard output of `npm pack --json`. */
function run(node, args) {
  const { status } = spawnSync(node, args, { cwd: top, stdio: ['ignore', process.stderr, 'inherit'] });
  if (status !== 0) process.exit(status ?? 1);
}
