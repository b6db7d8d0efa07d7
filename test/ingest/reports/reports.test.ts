import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunReport } from '../../../daemon/protocol/lineage.ts';
import { startService, until, type TestService } from '../../support/daemon.ts';
import { pngOf } from '../../support/pictures.ts';
import { train } from '../../support/trainings.ts';

const isVisible = process.platform === 'linux';
const patience = 60_000;

/** Source of `draw(path, shade)` for scripts, which writes a small picture whose bytes depend on the shade. */
const draw = `
const png = (shade) => Buffer.concat([Buffer.from(${JSON.stringify(pngOf(9, 9, 9).toString('base64'))}, 'base64'), Buffer.of(shade)]);
const draw = (path, shade = 0) => put(path, png(shade));
`;

/** Makes a project whose folder `out` is watched. */
async function project(): Promise<TestService & { top: string }> {
  const service = await startService();
  const top = join(realpathSync(service.folder), 'project');
  mkdirSync(join(top, 'out'), { recursive: true });
  await service.client.call('POST /roots', { path: join(top, 'out') });
  return { ...service, top };
}

/** Returns the reports of a version once those with these names are there. */
async function reportsOf(
  service: TestService,
  paths: readonly string[],
  model = 'churn',
  version = '1',
): Promise<RunReport[]> {
  let seen: RunReport[] = [];
  return until(
    async () => {
      const request = { model, version };
      const detail = await service.client.call('GET /models/:model/versions/:version', request).catch(() => undefined);
      seen = detail?.lineage?.reports ?? [];
      return paths.every((path) => seen.some((one) => one.path === path)) ? seen : undefined;
    },
    `${paths.join(', ')} of ${model}@${version}`,
    30_000,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; there are: ${seen.map(({ path }) => path).join(', ')}`);
  });
}

test.skipIf(!isVisible)(
  'pictures that a script draws before and after its save are kept with the version, byte for byte',
  async () => {
    const service = await project();
    const body = `${draw} draw('out/churn/confusion_matrix.png', 1); save('out/churn/model.safetensors', 1);
      await sleep(3000); draw('out/churn/plots/roc.png', 2); await sleep(1000);`;
    await train(service.top, body).ended;
    const reports = await reportsOf(service, ['confusion_matrix.png', 'plots/roc.png']);
    expect(reports).toMatchObject([
      { path: 'confusion_matrix.png', kind: 'picture', rule: 'same-run' },
      { path: 'plots/roc.png', kind: 'picture', rule: 'same-run' },
    ]);
    const request = { model: 'churn', version: '1', path: 'plots/roc.png' };
    const { type, bytes } = await service.client.report(request);
    expect({ type, bytes: Buffer.from(bytes) }).toEqual({
      type: 'image/png',
      bytes: Buffer.concat([pngOf(9, 9, 9), Buffer.of(2)]),
    });
  },
  patience,
);

test.skipIf(!isVisible)(
  'what the project keeps in its folder for reports is kept, though it is not watched and came after the save',
  async () => {
    const service = await project();
    const body = `${draw} put('reports/classification_report.txt', 'precision 0.9'); draw('reports/logo.png', 3);
      save('out/churn/model.safetensors', 1); await sleep(3000); draw('reports/figures/pr_curve.png', 2);`;
    writeFileSync(join(service.top, 'unrelated.png'), pngOf(1, 2, 3));
    await train(service.top, body).ended;
    const reports = await reportsOf(service, ['reports/figures/pr_curve.png']);
    expect(reports.map(({ path }) => path).toSorted()).toEqual([
      'reports/classification_report.txt',
      'reports/figures/pr_curve.png',
      'reports/logo.png',
    ]);
  },
  patience,
);

test.skipIf(!isVisible)(
  'a picture that each training draws anew is of the version that its training saved',
  async () => {
    const service = await project();
    const body = `${draw} const n = Number(args[0]); draw('out/churn/roc.png', n); save('out/churn/model.safetensors', n);`;
    await train(service.top, body, 'train.mjs', ['1']).ended;
    const [first] = await reportsOf(service, ['roc.png']);
    await train(service.top, body, 'train.mjs', ['2']).ended;
    const [second] = await reportsOf(service, ['roc.png'], 'churn', '2');
    expect(second?.digest).not.toBe(first?.digest);
    expect((await reportsOf(service, ['roc.png']))[0]?.digest).toBe(first?.digest);
  },
  patience,
);

test.skipIf(!isVisible)(
  'where two models lie together a picture is of the one that its name names, and one without a name is said to be of none',
  async () => {
    const service = await project();
    const body = `${draw} save('out/rf.safetensors', 1); save('out/logreg.safetensors', 2);
      draw('out/roc_rf.png', 1); draw('out/cm-logreg.png', 2); draw('out/comparison_curve.png', 3); await sleep(2000);`;
    await train(service.top, body).ended;
    const [rf, logreg] = [
      await reportsOf(service, ['roc_rf.png'], 'rf'),
      await reportsOf(service, ['cm-logreg.png'], 'logreg'),
    ];
    const kept = (all: RunReport[]): string[] => all.filter(({ digest }) => digest !== null).map(({ path }) => path);
    expect([kept(rf), kept(logreg)]).toEqual([['roc_rf.png'], ['cm-logreg.png']]);
    expect(rf.find(({ path }) => path === 'comparison_curve.png')).toMatchObject({
      rule: 'not-used',
      reason: 'it is not known whether it belongs to this model or to logreg',
    });
  },
  patience,
);
