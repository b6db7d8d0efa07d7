import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Podman } from './podman.ts';

/** What the steps of the Containerfile, and the checks after them, call. */
const programs = ['sh', 'mkdir', 'rm', 'env', 'cat', 'id'];
/** Name of the image that is made where none can be fetched. */
export const ownBaseImage = 'localhost/plinth-node-of-this-machine';

/**
 * Returns the name of the image that the Containerfile begins with. Where no registry of images is reached, it is made from this
 * machine's own files: Node, npm, and the few programs that the steps call.
 */
export function baseImage(podman: Podman, wanted: string, folder: string): { name: string; isOwn: boolean } {
  if (podman.succeeds(['image', 'exists', wanted]) || podman.succeeds(['pull', '--quiet', wanted], 120_000))
    return { name: wanted, isOwn: false };
  const top = join(folder, 'base');
  layOut(top);
  const archive = join(folder, 'base.tar');
  execFileSync('tar', ['-C', top, '-cf', archive, '.']);
  const changes = ['PATH=/usr/local/bin:/bin', 'NODE_EXTRA_CA_CERTS=/etc/authorities.pem'];
  podman.out(['import', '--quiet', ...changes.flatMap((one) => ['--change', `ENV ${one}`]), archive, ownBaseImage]);
  return { name: ownBaseImage, isOwn: true };
}

function layOut(top: string): void {
  for (const folder of [
    'bin',
    'usr/bin',
    'usr/local/bin',
    'usr/local/lib/node_modules',
    'etc',
    'proc',
    'sys',
    'dev',
    'root',
  ])
    mkdirSync(join(top, folder), { recursive: true });
  mkdirSync(join(top, 'tmp'), { mode: 0o1777 });
  for (const name of programs) copyProgram(placeOf(name), top, join(top, 'bin', name));
  copyProgram(process.execPath, top, join(top, 'usr/local/bin/node'));
  symlinkSync('/bin/env', join(top, 'usr/bin/env'));
  const npm = dirname(dirname(realpathSync(placeOf('npm'))));
  cpSync(npm, join(top, 'usr/local/lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(top, 'usr/local/bin/npm'));
  writeFileSync(join(top, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  const authorities = process.env['NODE_EXTRA_CA_CERTS'] ?? '';
  if (existsSync(authorities)) copyFileSync(realpathSync(authorities), join(top, 'etc/authorities.pem'));
  else writeFileSync(join(top, 'etc/authorities.pem'), '');
}

function placeOf(name: string): string {
  return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
}

/** Copies a program and the libraries that it loads. */
function copyProgram(path: string, top: string, to: string): void {
  copyFileSync(realpathSync(path), to);
  const { stdout } = spawnSync('ldd', [realpathSync(path)], { encoding: 'utf8' });
  for (const [library] of stdout.matchAll(/\/[^ )]+/g)) {
    const place = join(top, library);
    mkdirSync(dirname(place), { recursive: true });
    if (!existsSync(place)) copyFileSync(realpathSync(library), place);
  }
}
