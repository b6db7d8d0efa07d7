import { expect, test } from 'vitest';
import { readManifest } from '../../../daemon/blobs/manifest.ts';
import type { Context } from '../../../daemon/context.ts';
import { modelByName } from '../../../daemon/db/models.ts';
import { versionOf, type VersionRow } from '../../../daemon/db/versions.ts';
import type { ManifestFile, Version } from '../../../daemon/protocol/model.ts';
import { sweep } from '../../../daemon/registry/garbage-collect.ts';
import { completeVersion } from '../../../daemon/registry/versions/complete.ts';
import { registerVersion } from '../../../daemon/registry/versions/register.ts';
import { startService, type TestService } from '../../support/daemon.ts';
import { facts } from '../plain-facts.ts';

const caller = { actor: 'ana' };

function stored(ctx: Context, path: string, text: string): ManifestFile {
  return { path, size: text.length, sha256: ctx.blobs.put(Buffer.from(text)).slice('sha256:'.length) };
}

/** Registers churn@1 with one file, as the watcher does. */
async function registered(ctx: Context, kind: 'watch' | 'hand' = 'watch'): Promise<VersionRow> {
  const source = { kind, path: '/out/model.joblib', run: null, writtenAt: null };
  const rest = { primary: 'model.joblib', wholeFolder: false, facts, source, evidence: [], again: false };
  await registerVersion(ctx, caller, { model: 'churn', files: [stored(ctx, '', 'weights')], ...rest });
  return versionOf(ctx.db, modelByName(ctx.db, 'churn')!.id, 1)!;
}

async function complete(ctx: Context, row: VersionRow, files: ManifestFile[]): Promise<Version | undefined> {
  const whole = { files, primary: 'model.joblib', wholeFolder: false, facts };
  return completeVersion(ctx, caller, { model: row.model, number: row.number }, whole);
}

function grown(ctx: Context): ManifestFile[] {
  return [stored(ctx, 'model.joblib', 'weights'), stored(ctx, 'scaler.joblib', 'mean')];
}

test('a version keeps its number and its own bytes, and what it was before stays in the store for older backups', async () => {
  const { daemon } = await startService({ now: () => Date.now() + 3 * 24 * 3600_000 });
  const ctx = daemon.context;
  const before = await registered(ctx);
  const version = await complete(ctx, before, grown(ctx));
  expect(version).toMatchObject({ number: 1, files: 2, size: 11 });
  expect(readManifest(ctx.blobs, version!.digest).map(({ path }) => path)).toEqual(['model.joblib', 'scaler.joblib']);
  const unnamed = ctx.blobs.put(Buffer.from('named by nothing'));
  await sweep(ctx);
  expect(ctx.blobs.sizeOf(unnamed)).toBeUndefined();
  expect(readManifest(ctx.blobs, before.body.digest)).toHaveLength(1);
});

const decided: [string, (service: TestService) => Promise<unknown>][] = [
  ['an alias', ({ client }) => promote(client, { alias: 'champion' })],
  ['a stage', ({ client }) => promote(client, { stage: 'staging' })],
  [
    'a request for approval',
    ({ client }) =>
      client.call('POST /models/:model/versions/:version/ask-approval', {
        model: 'churn',
        version: '1',
        stage: 'production',
        reason: '',
      }),
  ],
  [
    'its deletion',
    ({ client }) =>
      client.call('POST /models/:model/versions/:version/delete', { model: 'churn', version: '1', reason: '' }),
  ],
];

async function promote({ call }: TestService['client'], to: { stage: string } | { alias: string }): Promise<unknown> {
  return call('POST /models/:model/versions/:version/promote', { model: 'churn', version: '1', reason: '', ...to });
}

test.each(decided)('after %s a version is not completed any more', async (_what, decide) => {
  const service = await startService();
  const ctx = service.daemon.context;
  const row = await registered(ctx);
  await decide(service);
  expect(await complete(ctx, row, grown(ctx))).toBeUndefined();
  expect(versionOf(ctx.db, row.model, 1)?.body.digest).toBe(row.body.digest);
});

test('files that lack one of the version, or have another in its service, do not complete it; nor one that a person registered', async () => {
  const ctx = (await startService()).daemon.context;
  const row = await registered(ctx);
  const scaler = stored(ctx, 'scaler.joblib', 'mean');
  expect(await complete(ctx, row, [scaler])).toBeUndefined();
  expect(await complete(ctx, row, [stored(ctx, 'model.joblib', 'other'), scaler])).toBeUndefined();
  expect(await complete(ctx, row, [stored(ctx, 'model.joblib', 'weights')])).toBeUndefined();
  const other = (await startService()).daemon.context;
  expect(await complete(other, await registered(other, 'hand'), grown(other))).toBeUndefined();
});
