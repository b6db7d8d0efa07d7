import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { reachUrl } from '../../daemon/clients/client/remote.ts';
import { freePort } from '../support/free-port.ts';
import { baseImage, ownBaseImage } from './base-image.ts';
import { findPodman, type Podman } from './podman.ts';

/**
 * Builds the image of the Containerfile and runs it as docs/container.md says: with a read-only root, as a user id without an entry
 * in passwd, with a volume and the health check. Run by hand, as it needs podman and takes a minute. Prints each step as it ends.
 */

const top = join(import.meta.dirname, '..', '..');
const containerfile = readFileSync(join(top, 'Containerfile'), 'utf8');
const [image, name, volume] = ['plinth', 'container', 'volume'].map((one) => `plinth-test-${one}-${process.pid}`) as [string, string, string]; // prettier-ignore

function say(line: string): void {
  console.log(line);
}

function build(podman: Podman, folder: string): void {
  const base = baseImage(podman, /^FROM (.*)$/m.exec(containerfile)?.[1] ?? '', folder);
  say(`ok the base image is ${base.isOwn ? 'made from the files of this machine' : base.name}`);
  const context = join(folder, 'context');
  mkdirSync(context);
  execFileSync('npm', ['pack', '--silent', '--pack-destination', context], { cwd: top, stdio: 'pipe' });
  copyFileSync(join(top, 'Containerfile'), join(context, 'Containerfile'));
  podman.out(
    ['build', '--layers=false', '--format', 'docker', '--from', base.name, '--network', 'host', '-t', image, context],
    600_000,
  );
  say(`ok the image is built from ${readdirSync(context).join(' and ')}`);
}

/** Starts the image as the documentation says, and returns the port of its service. */
async function start(podman: Podman, user: string): Promise<number> {
  const port = await freePort();
  const words = [
    '--name',
    name,
    '--read-only',
    '--tmpfs',
    '/tmp',
    '--user',
    user,
    '--passwd=false',
    '--network',
    'host',
  ];
  podman.out(['run', '-d', ...words, '-v', `${volume}:/data`, image, 'serve', '--port', String(port)]);
  for (let tries = 0; !podman.succeeds(['healthcheck', 'run', name]); tries += 1) {
    const isUp = podman.out(['inspect', name, '--format', '{{.State.Status}}']) === 'running';
    assert.ok(isUp && tries < 60, `The service is not healthy: ${podman.out(['logs', name])}`);
    await pause(1000);
  }
  return port;
}

async function use(podman: Podman): Promise<void> {
  const exec = (...words: string[]): string => podman.out(['exec', name, ...words]);
  const port = await start(podman, '10001');
  say('ok the service is healthy with a read-only root');
  assert.match(exec('id'), /^uid=10001 gid=0/);
  assert.doesNotMatch(exec('cat', '/etc/passwd'), /10001/);
  assert.equal(podman.succeeds(['exec', name, 'sh', '-c', 'echo x > /opened']), false);
  say('ok it runs as a user id without an entry in passwd, and cannot write to its root');
  const token = exec('plinth', 'token', 'create', 'ana', '--role', 'contributor').split('\n')[0] ?? '';
  const client = await reachUrl(`http://127.0.0.1:${port}`, token, 'cli');
  assert.deepEqual((await client.call('GET /models', {})).items, []);
  say('ok a colleague with a token reaches it from the host');
  const model = join(top, 'test/fixtures/samples/sklearn/iris-script/outputs/v1/model.joblib');
  podman.out(['cp', model, `${name}:/data/model.joblib`]);
  assert.match(exec('plinth', 'register', '/data/model.joblib', '--model', 'iris'), /registered iris@1/);
  podman.out(['kill', name]);
  assert.equal(podman.succeeds(['healthcheck', 'run', name]), false);
  podman.out(['rm', '-f', name]);
  await start(podman, '10001');
  assert.match(exec('plinth', 'ls'), /iris/);
  assert.match(exec('plinth', 'verify'), /1 version/);
  say('ok after a kill the next container continues with the volume');
  const began = performance.now();
  podman.out(['stop', '--time', '20', name]);
  assert.ok(performance.now() - began < 15_000, 'It ends only when it is killed.');
  assert.equal(podman.out(['inspect', name, '--format', '{{.State.ExitCode}}']), '0');
  say('ok it ends by itself when it is stopped');
  podman.out(['rm', '-f', name]);
  podman.out(['volume', 'rm', volume]);
  await start(podman, '4711:4711');
  assert.match(exec('plinth', 'ls'), /no models yet/);
  say('ok any other user id can use a new volume');
}

const folder = mkdtempSync(join(tmpdir(), 'plinth-container-'));
const podman = findPodman(folder);
try {
  if ('reason' in podman) say(`not run: ${podman.reason}`);
  else {
    build(podman, folder);
    await use(podman);
  }
} finally {
  if (!('reason' in podman)) {
    podman.succeeds(['rm', '-f', name]);
    podman.succeeds(['volume', 'rm', '-f', volume]);
    podman.succeeds(['rmi', '-f', image]);
    podman.succeeds(['rmi', '-f', ownBaseImage]);
  }
  rmSync(folder, { recursive: true, force: true });
}
