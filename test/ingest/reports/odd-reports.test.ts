import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Lineage } from '../../../daemon/protocol/lineage.ts';
import { safetensorsFile } from '../../registry/safetensors-file.ts';
import { startService, until, type TestService } from '../../support/daemon.ts';
import { pngOf } from '../../support/pictures.ts';

/** Returns the lineage of a model registered from the folder `churn`, once it lists reports. */
async function registered(service: TestService): Promise<Lineage & { reports: NonNullable<Lineage['reports']> }> {
  const path = join(service.out, 'churn', 'model.safetensors');
  writeFileSync(path, safetensorsFile({ w: Float32Array.of(1) }));
  await service.client.call('POST /register', { path, model: 'churn' });
  return until(
    async () => {
      const { lineage } = await service.client.call('GET /models/:model/versions/:version', {
        model: 'churn',
        version: '1',
      });
      return lineage?.reports ? { ...lineage, reports: lineage.reports } : undefined;
    },
    'the reports',
    30_000,
  );
}

async function folder(): Promise<TestService & { plots: string }> {
  const service = await startService();
  const plots = join(service.out, 'churn', 'plots');
  mkdirSync(plots, { recursive: true });
  writeFileSync(join(plots, 'roc.png'), pngOf(1, 2, 3));
  return { ...service, plots };
}

test('a picture of 4 GB is named with its size and not read', async () => {
  const service = await folder();
  writeFileSync(join(service.plots, 'huge.png'), pngOf(1, 1, 1));
  truncateSync(join(service.plots, 'huge.png'), 4 * 1024 ** 3);
  const { reports } = await registered(service);
  expect(reports.find(({ path }) => path === 'plots/huge.png')).toMatchObject({
    size: 4 * 1024 ** 3,
    digest: null,
    reason: 'not kept: the reports of a version are more than 20 MB together',
  });
  expect(reports.find(({ path }) => path === 'plots/roc.png')?.digest).toMatch(/^sha256:/);
  expect(service.errors).toEqual([]);
});

test.skipIf(process.platform === 'win32')(
  'links, pipes and what is no picture are not kept, and names are taken as they are',
  async () => {
    const service = await folder();
    const outside = join(service.folder, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'private.png'), pngOf(4, 4, 4));
    symlinkSync(join(outside, 'private.png'), join(service.plots, 'link.png'));
    symlinkSync(outside, join(service.out, 'churn', 'figures'));
    execFileSync('mkfifo', [join(service.plots, 'pipe.png')]);
    writeFileSync(join(service.plots, 'lies.png'), '<html><script>alert(1)</script>');
    writeFileSync(join(service.plots, 'bytes.html'), Buffer.of(0xff, 0x00, 0xfe, 0x80));
    writeFileSync(join(service.plots, '..roc..png'), pngOf(5, 5, 5));
    const name = 'a..%2e%2e\\..\n<b>.png';
    writeFileSync(join(service.plots, name), pngOf(6, 6, 6));
    const { reports } = await registered(service);
    const states = Object.fromEntries(
      reports.map(({ path, digest, reason }) => [path, digest === null ? reason : 'kept']),
    );
    expect(states).toEqual({
      'plots/roc.png': 'kept',
      'plots/lies.png': 'not kept: it is no picture',
      'plots/bytes.html': 'not kept: it is no text',
      [`plots/${name}`]: 'kept',
    });
    const { bytes } = await service.client.report({ model: 'churn', version: '1', path: `plots/${name}` });
    expect(Buffer.from(bytes)).toEqual(pngOf(6, 6, 6));
    for (const path of ['plots/link.png', 'plots/../plots/roc.png', '../../data/daemon.json', 'plots/lies.png'])
      await expect(service.client.report({ model: 'churn', version: '1', path })).rejects.toMatchObject({
        code: 'not-found',
      });
  },
);

test('of 10,000 pictures those whose names tell of the training are kept first, and the rest is counted', async () => {
  const service = await folder();
  for (let index = 0; index < 10_000; index += 1)
    writeFileSync(join(service.plots, `sample_${index}.png`), pngOf(index % 256, index >> 8, 7));
  writeFileSync(join(service.plots, 'zz_confusion_matrix.png'), pngOf(9, 9, 9));
  const { reports, moreReports } = await registered(service);
  expect(reports.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['plots/roc.png', 'plots/zz_confusion_matrix.png']),
  );
  expect(reports).toHaveLength(100);
  expect(moreReports).toBe(10_000 + 2 - 100);
}, 120_000);

test('the pictures of a data set beside a model are no reports', async () => {
  const service = await startService();
  mkdirSync(join(service.out, 'churn', 'data'), { recursive: true });
  for (const path of ['cat.jpg.png', 'dog.png', join('data', 'confusion.png')])
    writeFileSync(join(service.out, 'churn', path), pngOf(1, 2, 3));
  writeFileSync(join(service.out, 'churn', 'loss_curve.png'), pngOf(1, 2, 3));
  const { reports } = await registered(service);
  expect(reports.map(({ path }) => path)).toEqual(['loss_curve.png']);
});

test('a secret in a text or page that a run wrote is not kept', async () => {
  const service = await folder();
  const secret = 'AKIAIOSFODNN7EXAMPL3';
  writeFileSync(join(service.plots, 'report.html'), `<h1>Run</h1><pre>aws_access_key_id = ${secret}</pre>`);
  writeFileSync(join(service.plots, 'classification_report.txt'), `precision 0.9\npassword: hunter2-${secret}\n`);
  await registered(service);
  for (const path of ['plots/report.html', 'plots/classification_report.txt']) {
    const { bytes } = await service.client.report({ model: 'churn', version: '1', path });
    expect(Buffer.from(bytes).toString()).toMatch(/Run|precision 0.9/);
    expect(Buffer.from(bytes).toString()).not.toContain(secret);
  }
});
