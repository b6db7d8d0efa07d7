import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

const top = join(import.meta.dirname, '..', '..');

/**
 * Bundles the program from its current sources before the first test file. Worker threads, commands and services that tests start
 * run this bundle, as users do; a thread loads it in a third of the time that its sources take.
 */
export function setup(): () => void {
  const folder = join(top, '.cache', `test-build-${process.pid}`);
  const build = join(top, 'scripts', 'build.mjs');
  const { status } = spawnSync(process.execPath, [build, '--out', folder], { stdio: 'inherit' });
  if (status !== 0) throw new Error('The program cannot be bundled. See the message above.');
  process.env['PLINTH_BUNDLE'] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
