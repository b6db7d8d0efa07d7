import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Mirror } from '../../../../daemon/clients/lsp/mirror/sync.ts';
import { readModels } from '../../../../daemon/clients/client/read-models.ts';
import { readVersions } from '../../../../daemon/clients/lsp/mirror/fetch.ts';
import { apply, nothing } from '../../../../daemon/clients/lsp/mirror/reducer.ts';
import { startDaemon } from '../../../../daemon/daemon.ts';
import { configure } from '../../../../daemon/config.ts';
import { silent } from '../../../../daemon/log.ts';
import { startService, threeVersions, until } from '../../../support/daemon.ts';

function mirrorOf(dataFolder: string): { mirror: Mirror; changes: () => number } {
  let changes = 0;
  const mirror = new Mirror({ dataFolder, changed: () => (changes += 1), failed: () => undefined });
  onTestFinished(() => mirror.close());
  return { mirror, changes: () => changes };
}

test('the mirror holds every version, and follows what happens to them', async () => {
  const { client, folder } = await startService();
  await threeVersions(client);
  const { mirror } = mirrorOf(join(folder, 'data'));
  await until(() => mirror.registry.versions.get('iris')?.known.size === 3, 'three versions');
  await client.call('POST /models/:model/versions/:version/promote', {
    model: 'iris',
    version: '2',
    stage: 'production',
  });
  await until(() => mirror.registry.models.get('iris')?.pointers.some(({ holder }) => holder === 2), 'the holder');
  await client.call('POST /models/:model/versions/:version/delete', { model: 'iris', version: '1' });
  await until(() => mirror.registry.versions.get('iris')?.known.get(1)?.state === 'deleted', 'the deletion');
  await client.call('POST /models/:model/rename', { model: 'iris', name: 'flower' });
  await until(() => mirror.registry.models.has('flower') && !mirror.registry.models.has('iris'), 'the new name');
  expect(mirror.registry.versions.get('flower')?.known.size).toBe(3);
});

test('the mirror answers while the service is gone, and catches up when it is back', { timeout: 20_000 }, async () => {
  const { daemon, client, folder } = await startService();
  await threeVersions(client);
  const dataFolder = join(folder, 'data');
  const { mirror } = mirrorOf(dataFolder);
  await until(() => mirror.registry.versions.get('iris')?.known.size === 3, 'three versions');
  await daemon.stop();
  expect(mirror.registry.versions.get('iris')?.known.size).toBe(3);
  const again = await startDaemon(configure({ version: '0.0.0', dataFolder }), silent);
  onTestFinished(() => again.stop());
  const { connect } = await import('../../../../daemon/clients/client/request.ts');
  const request = { model: 'iris', version: '3', alias: 'champion' };
  await connect(again.file, 'test').call('POST /models/:model/versions/:version/promote', request);
  await until(() => mirror.registry.models.get('iris')?.pointers.some(({ name }) => name === 'champion'), 'the alias');
});

test('pages of versions are complete when they reach the oldest from the newest', async () => {
  const { client, folder } = await startService();
  await threeVersions(client);
  const { mirror } = mirrorOf(join(folder, 'data'));
  await until(() => mirror.registry.versions.get('iris')?.complete, 'all versions');
  const page = await readVersions(client, 'iris', undefined, 1);
  const part = apply(apply(nothing, { kind: 'models', models: await readModels(client), at: 1 }), page);
  expect(part.versions.get('iris')).toMatchObject({ complete: false });
  const { complete, page: rest } = await readVersions(client, 'iris', 3, 500, true);
  expect([complete, rest.map(({ number }) => number)]).toEqual([true, [2, 1]]);
});
