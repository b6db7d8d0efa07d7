import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { WritingProcess } from '../../../daemon/protocol/lineage.ts';
import { startService, until, type TestService } from '../../support/daemon.ts';
import { train } from '../../support/trainings.ts';

const onLinux = process.platform === 'linux';

async function writerOf({ client }: TestService, model: string): Promise<WritingProcess | null> {
  const lineage = await until(async () => {
    const request = { model, version: '1' };
    const detail = await client.call('GET /models/:model/versions/:version', request).catch(() => undefined);
    return detail?.lineage ?? undefined;
  }, `the lineage of ${model}`);
  return lineage.process;
}

test.skipIf(!onLinux)('a script that ended with its save is told as what wrote it', async () => {
  const service = await startService();
  await service.client.call('POST /roots', { path: realpathSync(service.out) });
  const root = join(realpathSync(service.out), 'retention');
  train(root, `save('out/churn.safetensors', 1); process.exit(0);`, 'fit.mjs', ['--lr', '0.1']);
  expect(await writerOf(service, 'churn')).toMatchObject({
    folder: root,
    script: join(root, 'fit.mjs'),
    command: [process.execPath, 'fit.mjs', '--lr', '0.1'],
  });
});

test.skipIf(!onLinux)(
  'a script that wrote in the folder before has not written what the next one saves there',
  async () => {
    const service = await startService();
    const root = realpathSync(service.out);
    await service.client.call('POST /roots', { path: root });
    const first = train(root, `save('out/churn.safetensors', 1); await sleep(2500);`, 'churn.mjs');
    await writerOf(service, 'churn');
    await first.ended;
    train(root, `save('out/prices.safetensors', 2); process.exit(0);`, 'prices.mjs');
    expect((await writerOf(service, 'churn'))?.script).toBe(join(root, 'churn.mjs'));
    expect((await writerOf(service, 'prices'))?.script).toBe(join(root, 'prices.mjs'));
  },
);
