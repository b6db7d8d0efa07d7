import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const version = '22.15.1';
const folder = join(import.meta.dirname, '..', '..', '.cache', `node-${version}`);

/** Returns the oldest Node that the service runs on, fetched once from the package registry; undefined when it is not available. */
export function node22(): string | undefined {
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  const binary = join(folder, 'node_modules', 'node', 'bin', program);
  if (!existsSync(binary)) fetchInto();
  const { status, stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  return status === 0 && stdout.trim() === `v${version}` ? binary : undefined;
}

function fetchInto(): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, name: 'oldest-node' }));
  const windows = process.platform === 'win32';
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=1'];
  const options = { cwd: folder, stdio: 'ignore', timeout: 120_000, shell: windows } as const;
  spawnSync(windows ? 'npm.cmd' : 'npm', ['install', `node@${version}`, ...flags], options);
  const setup = join(folder, 'node_modules', 'node');
  spawnSync(process.execPath, ['installArchSpecificPackage.js'], { ...options, shell: false, cwd: setup });
}
