import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../daemon/clients/client/request.ts';
import { configure } from '../../daemon/config.ts';
import { startDaemon } from '../../daemon/daemon.ts';
import { backup } from '../../daemon/db/backup/backup.ts';
import { lockFolder } from '../../daemon/db/lock.ts';
import { silent } from '../../daemon/log.ts';
import { startService, temporary } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { mainScript } from '../support/program.ts';

interface Left {
  code: number | null;
  stderr: string;
}

/** Runs a command of the real program until it ends by itself. */
function leaves(data: string, ...args: string[]): Promise<Left> {
  const child = spawn(process.execPath, [mainScript, ...args, '--data', data], { stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stderr })));
}

function expectOneLine({ code, stderr }: Left, wanted: number): void {
  expect({ code, stderr }).toMatchObject({ code: wanted, stderr: expect.stringMatching(/^plinth: [^\n]+\n$/) });
}

/** Paths that get a folder instead of a file, or a file instead of a folder. This makes the program fail for root too. */
const obstacles: Record<string, 'file' | 'folder'> = {
  'lock.db': 'folder',
  'registry.db': 'folder',
  blobs: 'file',
  log: 'file',
  'log/daemon.log': 'folder',
  'identity.json': 'folder',
  'daemon.json': 'folder',
};

describe('a service that something in the data folder keeps from starting leaves with 73, one line, and lets the folder go', () => {
  test.each(Object.entries(obstacles))('%s is a %s', async (name, kind) => {
    const data = temporary();
    const path = join(data, name);
    if (kind === 'file') writeFileSync(path, '');
    else mkdirSync(join(path, 'inside'), { recursive: true });
    const left = await leaves(data, 'serve', '--quiet');
    expectOneLine(left, 73);
    expect(left.stderr).toContain(data);
    rmSync(path, { recursive: true });
    const lock = lockFolder(data);
    expect(lock).toBeDefined();
    lock?.release();
  });
});

test('what fails after the service listens closes the server, the threads and the database, and the next start works', async () => {
  const dataFolder = temporary();
  mkdirSync(join(dataFolder, 'daemon.json', 'inside'), { recursive: true });
  const port = await freePort();
  const config = configure({ version: '0', dataFolder, port });
  await expect(startDaemon(config, silent)).rejects.toMatchObject({ code: 'read-only' });
  rmSync(join(dataFolder, 'daemon.json'), { recursive: true });
  const daemon = await startDaemon(config, silent);
  expect(daemon.file.port).toBe(port);
  await daemon.stop();
});

test('a port that is taken and was asked for is a conflict, in one line', async () => {
  const data = temporary();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  expectOneLine(await leaves(data, 'serve', '--quiet', '--port', String(port)), 76);
  lockFolder(data)?.release();
});

const mounts = spawnSync('unshare', ['-m', 'true']).status === 0;
const reason = 'a mount of its own takes root and unshare';

test('on a read-only file system serve, ls and rebuild leave with 74 and one line', async (context) => {
  if (!mounts) context.skip(reason);
  const data = temporary();
  await (await startDaemon(configure({ version: '0', dataFolder: data }), silent)).stop();
  const mount = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && exec "$2" "$3" "$4" --data "$1"';
  for (const command of ['serve', 'ls', 'rebuild']) {
    const args = ['-m', 'sh', '-c', mount, 'sh', data, process.execPath, mainScript, command];
    const { status, stderr } = spawnSync('unshare', args, { encoding: 'utf8', timeout: 30_000 });
    expectOneLine({ code: status, stderr }, 74);
  }
});

test('on a full disk a start leaves with 74, a backup is refused as disk-full, and both work once there is room', async (context) => {
  if (!mounts) context.skip(reason);
  const data = temporary();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=700', 'tmpfs', data]);
  try {
    const dataFolder = data;
    const daemon = await startDaemon(configure({ version: '0', dataFolder }), silent);
    await daemon.context.commit({ actor: 'git' }, () => ({
      events: [{ type: 'person.asserted/1', body: { person: 'ana', name: 'Ana', email: 'a@example.org' } }],
      result: () => null,
    }));
    const full = fill(data);
    await expect(backup(daemon.context.db, data, Date.now())).rejects.toMatchObject({ code: 'disk-full' });
    expect(readdirSync(join(data, 'backups'))).toEqual([]);
    await daemon.stop();
    fillMore(full);
    expectOneLine(await leaves(data, 'serve', '--quiet'), 74);
    rmSync(full);
    const again = await startDaemon(configure({ version: '0', dataFolder }), silent);
    expect((await backup(again.context.db, data, Date.now())).bytes).toBeGreaterThan(0);
    await again.stop();
  } finally {
    execFileSync('umount', ['-l', data]);
  }
});

function fill(folder: string): string {
  const path = join(folder, 'junk');
  writeFileSync(path, '');
  fillMore(path);
  return path;
}

/** Writes until not one more byte fits. */
function fillMore(path: string): void {
  const handle = openSync(path, 'a');
  for (const size of [65_536, 512, 1]) {
    try {
      for (;;) writeSync(handle, Buffer.alloc(size));
    } catch {
      // full for this size
    }
  }
  closeSync(handle);
}

test("everything in the data folder is its user's only, whatever the umask", async () => {
  const data = join(temporary(), 'data');
  const before = process.umask(0);
  try {
    const daemon = await startDaemon(configure({ version: '0', dataFolder: data }), silent);
    onTestFinished(() => daemon.stop());
    daemon.context.blobs.put(Buffer.from('bytes'));
    await daemon.context.commit({ actor: 'git' }, () => ({
      events: [{ type: 'person.asserted/1', body: { person: 'ana', name: 'Ana', email: 'a@example.org' } }],
      result: () => null,
    }));
    await backup(daemon.context.db, data, Date.now());
  } finally {
    process.umask(before);
  }
  const wide = readdirSync(data, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const mode = statSync(path).mode & 0o777;
    const isBlob = entry.isFile() && path.includes(join('blobs', 'sha256'));
    return mode === (entry.isDirectory() ? 0o700 : isBlob ? 0o444 : 0o600) ? [] : [`${path} ${mode.toString(8)}`];
  });
  expect(wide).toEqual([]);
});

test('a data folder that others may enter keeps its rights, and the status says so', async () => {
  const service = await startService();
  await service.daemon.stop();
  const dataFolder = join(service.folder, 'wide');
  mkdirSync(dataFolder);
  chmodSync(dataFolder, 0o755);
  const daemon = await startDaemon(configure({ version: '0', dataFolder }), silent);
  onTestFinished(() => daemon.stop());
  const { warnings } = await connect(daemon.file, 'test').call('GET /status', {});
  expect(warnings).toEqual([expect.stringContaining(`chmod 700 ${dataFolder}`)]);
  expect(statSync(dataFolder).mode & 0o777).toBe(0o755);
});
