import { readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, until, type TestService } from '../support/daemon.ts';
import { hasBrowser, openBrowser } from '../vscode/browser.ts';
import { openPage, type Opened } from './open-page.ts';
import { measurePage, type PageBoxes } from './page-boxes.ts';
import { registerRichModel } from './rich-registry.ts';

const reason = hasBrowser() ? undefined : 'no Chromium, Chrome or Edge was found, and none came with npm';
if (reason !== undefined) test(`the page of a model: ${reason}`, (context) => context.skip(reason));

const windows = [
  [1280, 800],
  [560, 800],
  [360, 740],
] as const;

describe.skipIf(reason !== undefined)('the page of a model', { timeout: 240_000 }, () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await openBrowser()), 60_000);
  afterAll(() => browser?.close());

  async function richService(count: number): Promise<TestService> {
    const service = await startService();
    await registerRichModel(service.client, service.folder, count);
    return service;
  }

  const open = (service: TestService, options: object = {}): Promise<Opened> =>
    openPage(browser, service, { page: 'model', model: 'churn-classifier' }, options);

  const table = (page: Page): ReturnType<Page['locator']> => page.locator('table.data');

  test('2, 12 and 200 versions fit at 1280, 560 and 360 pixels, in light and dark, and nothing overlaps', async () => {
    for (const count of [2, 12, 200]) {
      const service = await richService(count);
      for (const [width, height] of windows)
        for (const colorScheme of ['light', 'dark']) {
          const { page, wrong } = await open(service, { viewport: { width, height }, colorScheme });
          await page.locator('.mark-point').first().waitFor();
          const lists = [
            'header .acts > *',
            '.stage-card',
            '.data thead th:not(.name)',
            '.timeline .axis text',
            '.lane-bar',
          ];
          const boxes: PageBoxes = await page.evaluate(measurePage(lists));
          const where = `${count} versions at ${width} px, ${colorScheme}`;
          expect([where, boxes.wider, boxes.overlapping, boxes.cut, wrong]).toEqual([where, 0, [], [], []]);
          expect(boxes.header, `${where}: share of the header`).toBeLessThanOrEqual(0.15);
          await page.context().close();
        }
    }
  });

  test('of 200 versions few rows are drawn, the last can be reached, and a head sorts all of them', async () => {
    const service = await richService(200);
    const { page } = await open(service);
    await table(page).locator('tbody tr').nth(5).waitFor();
    expect(await table(page).locator('tbody tr').count()).toBeLessThan(60);
    await page.locator('.data-scroller').evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await until(async () => (await table(page).getByText('v1', { exact: true }).count()) === 1, 'the last row');
    await table(page).getByRole('button', { name: 'test/auc' }).click();
    await page.locator('.data-scroller').evaluate((element) => element.scrollTo(0, 0));
    const shown = async (): Promise<number[]> => {
      const texts = await table(page).locator('td.number.sorted').allInnerTexts();
      return texts.map(Number);
    };
    await until(async () => (await shown()).length > 5, 'the sorted column');
    const values = await shown();
    expect(values).toEqual(values.toSorted((a, b) => b - a));
  });

  test('versions are selected by check box, with the shift key, and in the chart, and compared', async () => {
    const service = await richService(12);
    const { page, wrong } = await open(service);
    const compare = page.locator('vscode-button', { hasText: 'Compare Selected' });
    expect(await compare.getAttribute('disabled')).not.toBeNull();
    await page.getByRole('checkbox', { name: 'Select v11' }).click();
    await page.getByRole('checkbox', { name: 'Select v8' }).click({ modifiers: ['Shift'] });
    await page.getByText('Compare Selected (4)').waitFor();
    await page
      .locator('.mark-point')
      .nth(1)
      .click({ modifiers: ['Control'] });
    await page.getByText('Compare Selected (5)').waitFor();
    await compare.click();
    await page.getByRole('heading', { name: 'churn-classifier v2 ↔ v8 ↔ v9 ↔ v10 ↔ v11' }).waitFor();
    expect(wrong).toEqual([]);
  });

  test('a column that is not shown is brought by sorting, and the chart is read with the keyboard alone', async () => {
    const service = await richService(12);
    const { page } = await open(service);
    await page.locator('summary', { hasText: 'Columns' }).click();
    await page.getByLabel('Find column').fill('dropout');
    await page.getByTitle('Sort by dropout').click();
    await table(page).locator('th.sorted', { hasText: 'dropout' }).waitFor();
    await page.keyboard.press('Escape');
    await until(async () => (await page.locator('details[open]').count()) === 0, 'the closed menu');
    await page.locator('.mark-point[tabindex="0"]').focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('.timeline-readout', { hasText: 'v2' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'churn-classifier v2' }).waitFor();
  });

  test('a second metric has an axis of its own, and the chart is saved as picture, drawing and table', async () => {
    const service = await richService(12);
    const { page, wrong } = await open(service, { colorScheme: 'dark' });
    await page.getByLabel('Second metric').selectOption('latency_p95_ms');
    await page.locator('.second', { hasText: 'latency_p95_ms · lower is better' }).waitFor();
    expect(await page.locator('.second polyline + rect, .second rect + rect').count()).toBe(12);
    const menu = page.locator('plinth-timeline details.more');
    const save = async (kind: string): Promise<Buffer> => {
      await menu.locator('summary').click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        menu.getByRole('button', { name: `Save as ${kind}…` }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(`churn-classifier-val-accuracy-latency_p95_ms.${kind.toLowerCase()}`);
      return readFileSync(await download.path());
    };
    const csv = (await save('CSV')).toString().split('\r\n');
    expect(csv[0]).toBe('Version,val/accuracy,latency_p95_ms,Stage,Trained');
    expect(csv[1]).toMatch(/^v12,[\d.]+,62.4,staging,/);
    const svg = (await save('SVG')).toString();
    expect(svg).toContain('<rect width="100%" height="100%" fill="rgb(31, 31, 31)"');
    expect(svg).not.toMatch(/class=|style=|var\(|<!--/);
    const size = (await save('PNG')).readUInt32BE(16);
    const drawn = await page.locator('.timeline svg').boundingBox();
    expect(size, 'width of the picture').toBe(2 * Math.ceil(drawn?.width ?? 0));
    await menu.locator('summary').click();
    await menu.getByRole('button', { name: 'Show as table' }).click();
    await page.locator('.timeline-table').getByRole('rowheader', { name: 'v12' }).waitFor();
    expect(wrong).toEqual([]);
  });

  test('dragging in the chart zooms it with its lanes, and a double click resets', async () => {
    const service = await richService(12);
    const { page } = await open(service);
    await page.locator('.mark-point').nth(11).waitFor();
    const box = await page.locator('.timeline svg').boundingBox();
    if (!box) throw new Error('There is no chart.');
    await page.mouse.move(box.x + 200, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + 420, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await until(async () => (await page.locator('.mark-point').count()) < 8, 'fewer points');
    await page.locator('.timeline svg').dblclick({ position: { x: 300, y: 180 } });
    await until(async () => (await page.locator('.mark-point').count()) === 12, 'all points');
  });

  test('the history tells moves, comments and versions in sentences, filtered by kind and words, and fits 360 pixels', async () => {
    const service = await richService(2);
    const of = { model: 'churn-classifier', version: '2' };
    const promotion = { ...of, version: '1', stage: 'production', reason: 'higher auc' };
    await service.client.call('POST /models/:model/versions/:version/promote', promotion);
    const text = `see v1 <img src=x onerror=alert(1)> ${'long '.repeat(60)}`;
    await service.client.call('POST /models/:model/versions/:version/comment', { ...of, text });
    const { page, wrong } = await open(service, { colorScheme: 'dark', viewport: { width: 360, height: 740 } });
    await page.getByRole('button', { name: 'Show all', exact: true }).click();
    const entries = page.locator('.history-entries li');
    await entries.getByText('Registered v2').waitFor();
    expect((await entries.nth(1).innerText()).split('\n').slice(0, 2)).toEqual(['Production: v2 → v1', 'higher auc']);
    expect(await entries.locator('.what').last().innerText()).toMatch(/^Registered v1 \([2-9] sources\)$/);
    const boxes: PageBoxes = await page.evaluate(measurePage(['.history-entries li > *', '.history-tools > *']));
    expect([boxes.wider, boxes.overlapping]).toEqual([0, []]);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    await page.getByRole('button', { name: /^Comments/ }).click();
    expect(await entries.count()).toBe(1);
    expect(await entries.locator('.link').allInnerTexts(), 'a number that a person wrote is no link').toEqual(['v2']);
    await page.getByRole('searchbox').fill('nobody wrote this');
    await page.getByText('No entries match the filter.').waitFor();
    expect([await page.evaluate('globalThis.executed'), wrong]).toEqual([[], []]);
  });

  test('axe finds nothing serious in two schemes', async () => {
    const service = await richService(12);
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await open(service, { colorScheme });
      await page.locator('.mark-point').first().waitFor();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    }
  });
});
