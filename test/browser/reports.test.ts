import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, until, type TestService } from '../support/daemon.ts';
import { pngOf } from '../support/pictures.ts';
import { hasBrowser, openBrowser } from '../vscode/browser.ts';
import { openPage } from './open-page.ts';

const reason = hasBrowser() ? undefined : 'no Chromium, Chrome or Edge was found, and none came with npm';
if (reason !== undefined) test(`reports in a browser: ${reason}`, (context) => context.skip(reason));

const hostileSvg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20" onload="alert('svg')">
  <script>alert('svg')</script><rect width="40" height="20" fill="red"/></svg>`;
const hostilePage = `<!DOCTYPE html><title>Report</title><style>h1 { color: rgb(1, 2, 3) }</style><h1>Drift</h1>
  <script>document.title = 'ran'; fetch('/models')</script><img src="x" onerror="document.title = 'ran'">`;

function safetensors(value: number): Buffer {
  const header = Buffer.from('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'.padEnd(64));
  const [length, weight] = [Buffer.alloc(8), Buffer.alloc(4)];
  length.writeBigUInt64LE(BigInt(header.length));
  weight.writeFloatLE(value);
  return Buffer.concat([length, header, weight]);
}

/** Two versions of one model in runs of their own, whose reports differ. The second one's matrix is the same unless another is given. */
async function twoRuns(matrix = '[[50, 2], [7, 1200]]'): Promise<TestService> {
  const service = await startService();
  for (const [index, run] of ['churn_v1', 'churn_v2'].entries()) {
    const folder = join(service.out, run);
    mkdirSync(join(folder, 'reports'), { recursive: true });
    writeFileSync(join(folder, 'roc_curve.png'), pngOf(200, 40 * index, 30, 64));
    writeFileSync(join(folder, 'reports', 'classes.svg'), hostileSvg);
    writeFileSync(join(folder, 'reports', 'drift.html'), hostilePage);
    writeFileSync(join(folder, 'classification_report.txt'), `precision 0.9${index}\n`);
    writeFileSync(
      join(folder, 'confusion_matrix.json'),
      `{"labels": ["stays", "leaves"], "matrix": ${index === 0 ? '[[50, 2], [7, 1200]]' : matrix}}`,
    );
    writeFileSync(join(folder, 'confusion_matrix.png'), 'no picture at all');
    writeFileSync(join(folder, 'model.safetensors'), safetensors(index));
    await service.client.call('POST /register', { path: join(folder, 'model.safetensors'), model: 'churn' });
  }
  return service;
}

describe.skipIf(reason !== undefined)('reports in a browser', () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await openBrowser()), 60_000);
  afterAll(() => browser?.close());

  /** Returns the width of each shown picture by path; 0 when the browser could not show it. */
  const widths = (page: Page): Promise<unknown> =>
    page.evaluate(
      `Object.fromEntries([...document.querySelectorAll('plinth-report img')].map((one) => [one.alt, one.naturalWidth]))`,
    );

  test('a version shows its pictures, its matrix as a table and its texts, and runs nothing of them', async () => {
    const service = await twoRuns();
    const { page, wrong } = await openPage(browser, service, { page: 'version', model: 'churn', version: '2' });
    const section = page.locator('section', { has: page.getByRole('heading', { name: 'Reports', exact: true }) });
    await section.scrollIntoViewIfNeeded();
    await until(async () => (await page.locator('plinth-report img').count()) === 2, 'both pictures');
    expect(await widths(page)).toEqual({ 'roc_curve.png': 64, 'reports/classes.svg': 40 });
    const cells = section.getByRole('table', { name: '' }).first().locator('td');
    await until(async () => (await cells.allInnerTexts()).includes('1,200'), 'the matrix');
    await section.getByText('precision 0.91').waitFor();
    await section.getByText('not kept: it is no picture').waitFor();
    expect(await page.evaluate('globalThis.executed')).toEqual([]);
    expect(wrong).toEqual([]);
  });

  test('an HTML report opens as a document of its own, in which nothing runs and no request goes out', async () => {
    const service = await twoRuns();
    const { page } = await openPage(browser, service, { page: 'version', model: 'churn', version: '1' });
    const opened = page.context().waitForEvent('page');
    await page.getByRole('button', { name: 'Open reports/drift.html of churn@1' }).click();
    const report = await opened;
    await report.getByRole('heading', { name: 'Drift' }).waitFor();
    expect(await report.title()).toBe('Report');
    expect(await report.evaluate(`getComputedStyle(document.querySelector('h1')).color`)).toBe('rgb(1, 2, 3)');
    expect(await report.evaluate('[origin, window.opener]')).toEqual(['null', null]);
    const again = await report.reload();
    expect(again?.status()).toBe(410);
  });

  test('a comparison shows reports of one path side by side, and what is the same only when all is wanted', async () => {
    const service = await twoRuns();
    const { page, wrong } = await openPage(browser, service, { page: 'compare', versions: ['churn@1', 'churn@2'] });
    const section = page.locator('section', { has: page.getByRole('heading', { name: 'Reports', exact: true }) });
    await section.getByText('2 of 6 differ').waitFor();
    await section.scrollIntoViewIfNeeded();
    await until(async () => (await section.locator('img').count()) === 2, 'the two pictures');
    expect(await section.locator('figcaption').allInnerTexts()).toEqual(['v1', 'v2', 'v1', 'v2']);
    await page.getByRole('checkbox', { name: 'Only differences' }).uncheck();
    await section.getByText('Identical in all versions').first().waitFor();
    expect(wrong).toEqual([]);
  });

  test('one picture lies over the other, and a slider moves the edge between them', async () => {
    const service = await twoRuns();
    const { page, wrong } = await openPage(browser, service, { page: 'compare', versions: ['churn@1', 'churn@2'] });
    const row = page.locator('plinth-report-row', { has: page.getByRole('heading', { name: 'roc_curve.png' }) });
    await row.scrollIntoViewIfNeeded();
    await row.getByRole('button', { name: 'Swipe' }).click();
    const over = row.locator('img.over-it');
    await over.waitFor();
    const cut = (): Promise<string> =>
      over.evaluate((one) => (one as unknown as { style: { clipPath: string } }).style.clipPath);
    expect(await cut()).toBe('inset(0px 0px 0px 50%)');
    await row.getByRole('slider', { name: 'Edge between v1 and v2' }).fill('20');
    await until(async () => (await cut()) === 'inset(0px 0px 0px 20%)', 'the edge at 20 %');
    expect(
      await row
        .locator('.swipe img')
        .evaluateAll((all) => all.map((one) => (one as unknown as { naturalWidth: number }).naturalWidth)),
    ).toEqual([64, 64]);
    expect(await page.evaluate('globalThis.executed')).toEqual([]);
    expect(wrong).toEqual([]);
  });

  test('all kept files are one tree, and an HTML page in it has its styles but runs nothing and goes nowhere', async () => {
    const service = await twoRuns();
    const { page, wrong } = await openPage(browser, service, { page: 'compare', versions: ['churn@1', 'churn@2'] });
    const files = page.locator('plinth-file-browser');
    await files.scrollIntoViewIfNeeded();
    const rows = files.getByRole('treeitem');
    await until(async () => (await rows.count()) > 6, 'the tree');
    const dots = await files.locator('.tree-row:not(.folder):has(.differs-dot) .tree-name').allInnerTexts();
    expect(dots).toEqual(['classification_report.txt', 'model.safetensors', 'roc_curve.png']);
    await rows.filter({ hasText: 'drift.html' }).click();
    const frame = files.frameLocator('iframe').first();
    await frame.getByRole('heading', { name: 'Drift' }).waitFor();
    const inside = (expression: string): Promise<unknown> =>
      page.evaluate(`((inner) => ${expression})(document.querySelector('plinth-file-browser iframe').contentDocument)`);
    await until(
      async () => (await inside(`getComputedStyle(inner.querySelector('h1')).color`)) === 'rgb(1, 2, 3)',
      'its own style',
    );
    expect(await inside('[inner.title, inner.scripts.length]')).toEqual(['Report', 0]);
    await rows.filter({ hasText: 'classification_report.txt' }).click();
    await until(
      async () => (await files.locator('.added').allInnerTexts()).join().includes('precision 0.91'),
      'the diff',
    );
    expect(await page.evaluate('globalThis.executed')).toEqual([]);
    expect(wrong).toEqual([]);
  });

  test('one picture is shown for all versions of the model, the newest first, and a click lays it over the baseline', async () => {
    const service = await twoRuns();
    await service.client.call('POST /models/:model/versions/:version/promote', {
      model: 'churn',
      version: '2',
      stage: 'production',
    });
    const { page, wrong } = await openPage(browser, service, { page: 'compare', versions: ['churn@1', 'churn@2'] });
    const files = page.locator('plinth-file-browser');
    await files.getByRole('treeitem').filter({ hasText: 'roc_curve.png' }).click();
    await files.getByRole('button', { name: 'All Versions' }).click();
    const notes = files.locator('.picture-note');
    await until(async () => (await notes.count()) === 2, 'both pictures');
    expect((await notes.allInnerTexts()).map((text) => text.trim())).toEqual(['v2 production', 'v1']);
    await files.getByRole('button', { name: 'Compare roc_curve.png of v2 with the baseline' }).click();
    await files.getByRole('slider', { name: 'Edge between v1 and v2' }).waitFor();
    const none = await service.client.call('GET /models/:model/reports', { model: 'churn', path: '../roc_curve.png' });
    expect(none.versions).toEqual([]);
    expect(wrong).toEqual([]);
  });

  test('confusion matrices are maps, and the difference says per cell what got better', async () => {
    const service = await twoRuns('[[40, 12], [3, 1204]]');
    const { page, wrong } = await openPage(browser, service, { page: 'compare', versions: ['churn@1', 'churn@2'] });
    const row = page.locator('plinth-report-row', {
      has: page.getByRole('heading', { name: 'confusion_matrix.json' }),
    });
    await row.scrollIntoViewIfNeeded();
    await row.getByRole('button', { name: 'Difference' }).click();
    const tables = row.locator('table.heat');
    await until(async () => (await tables.count()) === 2, 'both matrices');
    expect((await tables.nth(0).locator('td').allInnerTexts()).map((text) => text.trim())).toEqual([
      '50',
      '2',
      '7',
      '1,200',
    ]);
    expect((await tables.nth(1).locator('td').allInnerTexts()).map((text) => text.trim())).toEqual([
      '−19.2 % ▼',
      '+19.2 % ▼',
      '−0.3 % ▲',
      '+0.3 % ▲',
    ]);
    expect(wrong).toEqual([]);
  });
});
