import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import Sqlite from 'better-sqlite3';
import { configure, type Config } from '../../../daemon/config.ts';
import { openCore, type Core } from '../../../daemon/server/open-registry.ts';
import { backup } from '../../../daemon/db/backup/backup.ts';
import { backups } from '../../../daemon/db/backup/backup-files.ts';
import { openDatabase } from '../../../daemon/db/database.ts';
import { rebuildRegistry, restoreBackup } from '../../../daemon/server/offline.ts';
import { silent } from '../../../daemon/log.ts';
import { sweep } from '../../../daemon/registry/garbage-collect.ts';
import { startService, temporary, threeVersions } from '../../support/daemon.ts';

/** A data folder with a stopped registry of three versions, and its backup. */
async function stopped(backUp = true, without?: string): Promise<string> {
  const service = await startService();
  await threeVersions(service.client);
  if (without !== undefined)
    await service.client.call('POST /models/:model/versions/:version/delete', { model: 'iris', version: without });
  if (backUp) await service.client.call('POST /backup', {});
  await service.daemon.stop();
  return join(service.folder, 'data');
}

function lose(data: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(join(data, `registry.db${end}`), { force: true });
}

function open(dataFolder: string, wanted: Partial<Config> = {}): Core {
  const core = openCore(configure({ version: '0', dataFolder, ...wanted }), silent, Date.now);
  onTestFinished(() => core.close().catch(() => undefined));
  return core;
}

function blobsIn(data: string): string[] {
  const top = join(data, 'blobs', 'sha256');
  return readdirSync(top).flatMap((prefix) => readdirSync(join(top, prefix)).map((name) => join(top, prefix, name)));
}

/** Makes every stored file as old as so many days. */
function age(data: string, days: number): void {
  const then = new Date(Date.now() - days * 86_400_000);
  for (const path of blobsIn(data)) utimesSync(path, then, then);
}

/** Records one event, as a registry's first start does. */
async function noteSomebody({ context }: Core): Promise<void> {
  const body = { person: 'ana', name: 'Ana', email: 'ana@example.org' };
  await context.commit({ actor: 'git' }, () => ({
    events: [{ type: 'person.asserted/1', body }],
    result: () => null,
  }));
}

describe('a registry that is lost is refused, with the newest good backup and the command for it', () => {
  const losses: Record<string, (file: string) => void> = {
    gone: () => undefined,
    'without a byte': (file) => writeFileSync(file, ''),
    'a database of something else': (file) => {
      const raw = new Sqlite(file);
      raw.exec('CREATE TABLE notes (text TEXT)');
      raw.close();
    },
    'a registry without events': (file) => {
      const other = temporary();
      openDatabase(other).close();
      copyFileSync(join(other, 'registry.db'), file);
    },
  };
  test.each(Object.keys(losses))('%s', async (kind) => {
    const data = await stopped();
    const [path = ''] = backups(data);
    lose(data);
    losses[kind]?.(join(data, 'registry.db'));
    const before = statSync(join(data, 'registry.db'), { throwIfNoEntry: false })?.size;
    const refusal = new RegExp(`3 versions, \\d+ events, the last of .*plinth restore-backup ${path} --data ${data}`);
    expect(() => openDatabase(data)).toThrow(refusal);
    expect(() => open(data)).toThrow(refusal);
    expect(() => rebuildRegistry(data)).toThrow(refusal);
    expect(statSync(join(data, 'registry.db'), { throwIfNoEntry: false })?.size).toBe(before);
    restoreBackup(data);
    const core = open(data);
    expect(core.context.db.sql('SELECT count(*) AS n FROM versions').get()?.['n']).toBe(3);
  });
});

test('a registry whose backups are bad, or that has none, is started anew only on purpose, and keeps every stored file', async () => {
  const data = await stopped();
  for (const path of backups(data)) writeFileSync(path, 'no database');
  lose(data);
  age(data, 3);
  const files = blobsIn(data);
  expect(() => open(data)).toThrow(/no good backup is here.*plinth serve --new-registry/);
  rmSync(join(data, 'backups'), { recursive: true });
  expect(() => open(data)).toThrow(/stored files and 0 backups.*plinth serve --new-registry/);
  const core = open(data, { newRegistry: true });
  await noteSomebody(core);
  expect(await sweep(core.context)).toEqual({ blobs: 0, bytes: 0 });
  expect(blobsIn(data)).toEqual(files);
  await core.close();
  const again = open(data);
  expect(again.context.db.sql('SELECT count(*) AS n FROM events').get()?.['n']).toBe(1);
});

test('a registry that was killed before its first event goes on by itself', async () => {
  const data = temporary();
  const core = open(data);
  core.context.blobs.put(Buffer.from('half a registration'));
  await core.close();
  expect(open(data).context.db.logId).not.toBe('');
});

test('nothing is swept while most stored files are unknown to the registry, or a backup knows more than it does', async () => {
  const data = await stopped(false);
  lose(data);
  age(data, 3);
  const core = await silentlyNew(data);
  const { refusal } = await sweep(core.context);
  expect(refusal).toMatch(/^\d+ of \d+ stored files are older than this registry.*restore-backup/);
  expect(blobsIn(data).length).toBeGreaterThan(5);
  const other = await stopped();
  const [theirs = ''] = backups(other);
  mkdirSync(join(data, 'backups'), { recursive: true });
  copyFileSync(theirs, join(data, 'backups', 'registry-2020-01-01T00-00-00-000Z.db'));
  expect((await sweep(core.context)).refusal).toMatch(/contains \d+ events, but the registry has 1.*restore-backup/);
  await core.close();
  const chosen = open(data, { newRegistry: true });
  expect((await sweep(chosen.context)).refusal).toBeUndefined();
  expect(blobsIn(data).length).toBeGreaterThan(5);
});

/** Makes what an earlier program made when the registry was gone. */
async function silentlyNew(data: string): Promise<Core> {
  const other = temporary();
  const made = openDatabase(other);
  made.sql(`DELETE FROM meta WHERE key = 'createdAt'`).run();
  made.close();
  const blobs = join(data, 'blobs');
  const aside = `${blobs}-elsewhere`;
  copyFileSync(join(other, 'registry.db'), join(data, 'registry.db'));
  renameSync(blobs, aside);
  const core = open(data);
  await noteSomebody(core);
  rmSync(blobs, { recursive: true });
  renameSync(aside, blobs);
  return core;
}

test('what this registry wrote and gave up is swept, and what a purge gave up, also after a backup was put back', async () => {
  const data = await stopped(true, '2');
  let core = open(data);
  const late = (): number => Date.now() + 30 * 86_400_000;
  const digest = core.context.blobs.put(Buffer.from('an upload that was given up'));
  const before = { ...core.context, now: () => Date.now() + 2 * 86_400_000 };
  // A report of the deleted version may have been stored meanwhile and given up, too.
  expect((await sweep(before)).blobs).toBeGreaterThan(0);
  expect(core.context.blobs.sizeOf(digest) !== undefined).toBe(false);
  const foreign = core.context.blobs.put(Buffer.from('of a version that the backup does not know'));
  age(data, 3);
  await core.close();
  restoreBackup(data);
  core = open(data);
  const { blobs } = await sweep({ ...core.context, now: late });
  expect(blobs).toBeGreaterThan(1);
  expect(core.context.blobs.sizeOf(foreign) !== undefined).toBe(true);
  const digestOf = (number: number): string =>
    String(core.context.db.sql('SELECT digest FROM versions WHERE number = ?').get(number)?.['digest']);
  expect([1, 2, 3].map((number) => core.context.blobs.sizeOf(digestOf(number)) !== undefined)).toEqual([
    true,
    false,
    true,
  ]);
});

test('backups of an empty or another registry push out none, and the newest seven of one log stay', async () => {
  const data = await stopped();
  const [good = ''] = backups(data);
  lose(data);
  const core = open(data, { newRegistry: true });
  await noteSomebody(core);
  for (let day = 1; day <= 9; day += 1) await backup(core.context.db, data, Date.now() + day * 86_400_000);
  expect(existsSync(good)).toBe(true);
  expect(backups(data)).toHaveLength(8);
});

test('backups within one millisecond are two files, and each passes its check', async () => {
  const data = temporary();
  const core = open(data);
  await noteSomebody(core);
  const now = Date.now();
  const made = await Promise.all([1, 2, 3, 4].map(() => backup(core.context.db, data, now)));
  expect(new Set(made.map(({ path }) => path)).size).toBe(4);
  expect(readdirSync(join(data, 'backups')).filter((name) => !name.endsWith('Z.db'))).toEqual([]);
});
