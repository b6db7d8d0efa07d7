import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { manifestDigest, manifestText } from '../../daemon/blobs/manifest.ts';
import { ownFile } from '../../daemon/blobs/copy.ts';
import { openBlobStore, type BlobStore } from '../../daemon/blobs/store.ts';
import { temporary } from '../support/daemon.ts';

function store(): { folder: string; blobs: BlobStore } {
  const folder = temporary();
  const blobs = openBlobStore(folder);
  onTestFinished(() => blobs.close());
  return { folder, blobs };
}

test('a file is owned under the SHA-256 of its bytes, read-only, and nothing is left in tmp', async () => {
  const { folder, blobs } = store();
  const file = join(folder, 'model.bin');
  writeFileSync(file, 'abc');
  const { digest, size } = await blobs.own(file, folder);
  expect(digest).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(size).toBe(3);
  expect(statSync(blobs.pathOf(digest)).mode & 0o777).toBe(0o444);
  expect(statSync(blobs.pathOf(digest)).ino).not.toBe(statSync(file).ino);
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
});

test.each<[string, (file: string) => void]>([
  ['deleted', (file) => rmSync(file)],
  ['written', (file) => truncateSync(file, 1 << 30)],
])('the copy of a large file that is %s meanwhile is given up long before its end, and leaves nothing', (what, act) => {
  const { folder } = store();
  const file = join(folder, 'model.bin');
  writeFileSync(file, '');
  truncateSync(file, 256 << 20);
  let copied = 0;
  const copy = (): unknown =>
    ownFile(folder, file, folder, (bytes) => {
      if (copied === 0) act(file);
      copied = bytes;
    });
  expect(copy).toThrow(
    expect.objectContaining({ code: 'CHANGED', message: `${file} was ${what} while it was copied` }),
  );
  expect(copied).toBeLessThanOrEqual(32 << 20);
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
});

test('the same bytes are kept once', async () => {
  const { blobs } = store();
  const first = blobs.put(Buffer.from('same'));
  const second = blobs.put(Buffer.from('same'));
  expect(second).toBe(first);
  expect([...blobs.list()]).toHaveLength(1);
});

test('bytes that are stored and on disk are not written again, until somebody changes, replaces or deletes their blob', async () => {
  const { folder, blobs } = store();
  const bytes = Buffer.from('stored');
  const path = blobs.pathOf(blobs.put(bytes));
  const other = join(folder, 'other');
  const harms: (() => void)[] = [
    () => overwrite(path, 'STORED'),
    () => rmSync(path),
    () => {
      writeFileSync(other, 'STORED');
      chmodSync(other, 0o444);
      renameSync(other, path);
    },
    () => {
      renameSync(path, other);
      symlinkSync(other, path);
    },
  ];
  for (const harm of harms) {
    await setTimeout(150);
    blobs.put(bytes);
    rmSync(join(folder, 'tmp'), { recursive: true });
    blobs.put(bytes);
    expect(() => blobs.put(Buffer.from('new'))).toThrow('ENOENT');
    mkdirSync(join(folder, 'tmp'));
    harm();
    blobs.put(bytes);
    expect(lstatSync(path).isFile() && readFileSync(path, 'utf8')).toBe('stored');
    // The store remembers what its thread has told it, and forgets that as soon as somebody touched the blob.
    await setTimeout(150);
    for (let time = 0; time < 3; time += 1) await blobs.store(bytes);
    harm();
    await blobs.store(bytes);
    expect(lstatSync(path).isFile() && readFileSync(path, 'utf8')).toBe('stored');
  }
});

test('a blob whose bytes are gone is mended when the same bytes come again', async () => {
  const { blobs } = store();
  const digest = blobs.put(Buffer.from('whole'));
  chmodSync(blobs.pathOf(digest), 0o644);
  writeFileSync(blobs.pathOf(digest), '');
  blobs.put(Buffer.from('whole'));
  expect(blobs.read(digest).toString()).toBe('whole');
});

test('a damaged blob is never read, and verify moves it to quarantine', async () => {
  const { folder, blobs } = store();
  const digest = blobs.put(Buffer.from('precious'));
  chmodSync(blobs.pathOf(digest), 0o644);
  writeFileSync(blobs.pathOf(digest), 'Precious');
  expect(() => blobs.read(digest)).toThrow(/damaged/);
  expect(await blobs.verify(digest)).toBe('damaged');
  expect(await blobs.verify(digest)).toBe('missing');
  expect(readdirSync(join(folder, 'quarantine'))).toHaveLength(1);
});

test('many small files and bytes that are stored at once are each stored as if alone', async () => {
  const { folder, blobs } = store();
  const texts = Array.from({ length: 300 }, (_, n) => `weights ${n % 200}`);
  const paths = texts.map((text, n) => {
    const path = join(folder, `model-${n}.bin`);
    writeFileSync(path, text);
    return path;
  });
  rmSync(paths[7] ?? '');
  const owned = await Promise.allSettled(paths.map((path) => blobs.own(path, folder)));
  const put = await Promise.all(texts.map((text) => blobs.store(Buffer.from(text))));
  expect(owned[7]).toMatchObject({ status: 'rejected', reason: { code: 'ENOENT' } });
  for (const [n, text] of texts.entries()) {
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    if (n !== 7) expect(owned[n]).toEqual({ status: 'fulfilled', value: { digest, size: text.length } });
    expect(put[n]).toBe(digest);
    expect(statSync(blobs.pathOf(digest)).mode & 0o777).toBe(0o444);
    expect(readFileSync(blobs.pathOf(digest), 'utf8')).toBe(text);
  }
  expect([...blobs.list()]).toHaveLength(200);
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
});

test('a damaged blob is mended by the same bytes among others, and is reported as mended', async () => {
  const folder = temporary();
  const healed: string[] = [];
  const blobs = openBlobStore(folder, (digest) => void healed.push(digest));
  onTestFinished(() => blobs.close());
  const texts = Array.from({ length: 20 }, (_, n) => `weights ${n}`);
  const stored = await Promise.all(texts.map((text) => blobs.store(Buffer.from(text))));
  const digest = stored[11] ?? '';
  chmodSync(blobs.pathOf(digest), 0o644);
  writeFileSync(blobs.pathOf(digest), 'Weights 11');
  expect(await Promise.all(texts.map((text) => blobs.store(Buffer.from(text))))).toEqual(stored);
  expect(blobs.read(digest).toString()).toBe('weights 11');
  expect(healed).toEqual([digest]);
  expect(readdirSync(join(folder, 'quarantine'))).toHaveLength(1);
});

test('what is being stored when the store is closed is refused', async () => {
  const { blobs } = store();
  const stored = Promise.allSettled(Array.from({ length: 20 }, (_, n) => blobs.store(Buffer.from(`weights ${n}`))));
  await blobs.close();
  expect((await stored).filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
});

test('links, pipes and folders are never owned', { skip: process.platform === 'win32' }, async () => {
  const { folder, blobs } = store();
  const target = join(folder, 'target');
  writeFileSync(target, 'x');
  symlinkSync(target, join(folder, 'link'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  mkdirSync(join(folder, 'dir'));
  await expect(blobs.own(join(folder, 'link'), folder)).rejects.toMatchObject({ code: 'ELOOP' });
  await expect(blobs.own(join(folder, 'pipe'), folder)).rejects.toMatchObject({ code: 'NOT_REGULAR' });
  await expect(blobs.own(join(folder, 'dir'), folder)).rejects.toMatchObject({ code: 'NOT_REGULAR' });
});

test('what a crash left in tmp is cleared at the next open', () => {
  const folder = temporary();
  mkdirSync(join(folder, 'tmp'), { recursive: true });
  writeFileSync(join(folder, 'tmp', 'half'), 'half');
  const blobs = openBlobStore(folder);
  onTestFinished(() => blobs.close());
  expect(existsSync(join(folder, 'tmp', 'half'))).toBe(false);
});

test('a text that is no digest never becomes a path', () => {
  const { blobs } = store();
  for (const hostile of [
    '../../etc/passwd',
    'sha256:../../x',
    `sha256:${'A'.repeat(64)}`,
    `sha256:${'a'.repeat(63)}/`,
    '',
  ]) {
    expect(() => blobs.pathOf(hostile)).toThrow(/64 hexadecimal digits/);
  }
});

test('bytes that come again make their old blob young, so that no sweep takes it', () => {
  const { blobs } = store();
  const digest = blobs.put(Buffer.from('old'));
  utimesSync(blobs.pathOf(digest), new Date(0), new Date(0));
  blobs.put(Buffer.from('old'));
  expect([...blobs.list()][0]?.madeAt).toBeGreaterThan(Date.now() - 60_000);
});

test('a manifest is the same whatever the order its files are named in', () => {
  const files = [
    { path: 'b.txt', size: 2, sha256: 'b'.repeat(64) },
    { path: 'a.txt', size: 1, sha256: 'a'.repeat(64) },
  ];
  expect(manifestDigest(files)).toBe(manifestDigest(files.toReversed()));
  expect(JSON.parse(manifestText(files))[0][0]).toBe('a.txt');
});

test('reading a blob gives back its bytes', () => {
  const { blobs } = store();
  const bytes = readFileSync(import.meta.filename);
  expect(blobs.read(blobs.put(bytes)).equals(bytes)).toBe(true);
});

test('good bytes take the place of a damaged blob of their size, whichever way they come, and the damaged ones are kept', async () => {
  const folder = temporary();
  const healed: string[] = [];
  const blobs = openBlobStore(folder, (digest) => void healed.push(digest));
  onTestFinished(() => blobs.close());
  const file = join(folder, 'model.bin');
  writeFileSync(file, 'precious');
  const digest = blobs.put(Buffer.from('precious'));
  const ways: (() => unknown)[] = [
    () => blobs.put(Buffer.from('precious')),
    () => blobs.own(file, folder),
    () => blobs.receive(Readable.from([Buffer.from('precious')])),
  ];
  for (const [index, come] of ways.entries()) {
    overwrite(blobs.pathOf(digest), `PRECIOU${index}`);
    await come();
    expect(blobs.read(digest).toString()).toBe('precious');
    expect(statSync(blobs.pathOf(digest)).mode & 0o777).toBe(0o444);
    expect(readFileSync(join(folder, 'quarantine', digest.slice(7)), 'utf8')).toBe(`PRECIOU${index}`);
  }
  expect(healed).toEqual([digest, digest, digest]);
});

/** Overwrites a read-only file, and restores its size, mode and times. */
function overwrite(path: string, text: string): void {
  const { atime, mtime } = statSync(path);
  chmodSync(path, 0o644);
  writeFileSync(path, text);
  utimesSync(path, atime, mtime);
  chmodSync(path, 0o444);
}

test('a file is read again only after somebody wrote to it', async () => {
  const { folder, blobs } = store();
  const bytes = Buffer.alloc(70 << 20, 'x');
  const digest = blobs.put(bytes);
  const path = blobs.pathOf(digest);
  const reads = async (): Promise<[boolean, boolean]> => {
    let read = false;
    const isIntact = await blobs.isIntact(path, digest, () => (read = true));
    return [isIntact, read];
  };
  expect(await reads()).toEqual([true, true]);
  expect(await reads()).toEqual([true, false]);
  const writer = openSync(path, 'r');
  closeSync(writer);
  expect(await reads()).toEqual([true, false]);
  const { atime, mtime } = statSync(path);
  chmodSync(path, 0o644);
  expect(await reads()).toEqual([true, true]);
  expect(await reads()).toEqual([true, true]);
  const handle = openSync(path, 'r+');
  writeSync(handle, 'y', 5 << 20);
  closeSync(handle);
  utimesSync(path, atime, mtime);
  chmodSync(path, 0o444);
  expect(await reads()).toEqual([false, true]);
  expect(await blobs.isIntact(join(folder, 'nowhere'), digest)).toBe(false);
});

test('a file that was written within the same tick of the clock is read each time', async () => {
  const { blobs } = store();
  const digest = blobs.put(Buffer.from('quick'));
  for (let n = 0; n < 20; n += 1) {
    expect(await blobs.isIntact(blobs.pathOf(digest), digest)).toBe(true);
    overwrite(blobs.pathOf(digest), 'Quick');
    expect(await blobs.isIntact(blobs.pathOf(digest), digest)).toBe(false);
    overwrite(blobs.pathOf(digest), 'quick');
  }
});

test('good bytes that came while a blob was found damaged are not put in quarantine', async () => {
  const { blobs } = store();
  const digest = blobs.put(Buffer.from('whole'));
  overwrite(blobs.pathOf(digest), 'Whole');
  const verifying = blobs.verify(digest);
  blobs.put(Buffer.from('whole'));
  expect(await verifying).toBe('sound');
  expect(blobs.read(digest).toString()).toBe('whole');
});
