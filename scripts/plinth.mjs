// Runs the command line from a checkout: on the data folder of `npm start` while that runs, otherwise on your own.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const top = join(import.meta.dirname, '..');
const demo = join(top, '.plinth', 'data');
const env = { ...process.env };
if (!env.PLINTH_DATA && existsSync(join(demo, 'daemon.json'))) env.PLINTH_DATA = demo;
const cwd = process.env.INIT_CWD ?? process.cwd();
const { status } = spawnSync(process.execPath, [join(top, 'dist', 'plinth.js'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env,
  cwd,
});
process.exit(status ?? 1);
