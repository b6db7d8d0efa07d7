import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, until, type TestService } from '../support/daemon.ts';
import { hasBrowser, openBrowser } from '../vscode/browser.ts';
import { openPage, type Opened } from './open-page.ts';
import { registerRichModel } from './rich-registry.ts';

const reason = hasBrowser() ? undefined : 'no Chromium, Chrome or Edge was found, and none came with npm';
if (reason !== undefined) test(`the comparison: ${reason}`, (context) => context.skip(reason));

const model = 'churn-classifier';

describe.skipIf(reason !== undefined)('the comparison in a browser', { timeout: 120_000 }, () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await openBrowser()), 60_000);
  afterAll(() => browser?.close());

  async function richService(count: number): Promise<TestService> {
    const service = await startService();
    await registerRichModel(service.client, service.folder, count);
    return service;
  }

  const compare = (service: TestService, numbers: readonly number[], options: object = {}): Promise<Opened> =>
    openPage(browser, service, { page: 'compare', versions: numbers.map((number) => `${model}@${number}`) }, options);

  const curvesDrawn = (page: Page): Promise<unknown> =>
    until(async () => {
      await page.locator('#curves').scrollIntoViewIfNeeded();
      return (await page.locator('plinth-chart canvas').count()) > 1;
    }, 'the charts');

  /** The comparison that the address names. */
  const linked = async (page: Page): Promise<{ versions: string[]; look?: Record<string, unknown> }> =>
    JSON.parse(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('place') ?? '{}') as never;

  test('the strip names the metric that one points at, and a click goes to its row', async () => {
    const service = await richService(3);
    const { page, wrong } = await compare(service, [1, 3]);
    const strip = page.getByRole('slider');
    const bars = Number(await strip.getAttribute('aria-valuemax'));
    const counts = await page.locator('.count-button:is(.better, .worse, .within-noise)').allInnerTexts();
    expect(bars).toBe(counts.reduce((sum, text) => sum + Number.parseInt(text, 10), 0));
    await strip.focus();
    await page.keyboard.press('End');
    const named = (await page.locator('.strip-name').innerText()).split(' ▲')[0]!;
    await page.keyboard.press('Enter');
    const row = page.locator('tr.wanted');
    await row.waitFor();
    expect(await row.locator('th').getAttribute('title')).toBe(named);
    const inView = await row.evaluate((one) => one.getBoundingClientRect().top < 800);
    expect(inView).toBe(true);
    expect(wrong).toEqual([]);
  });

  test('dragging on a chart zooms all of them and the link, and a double click shows everything again', async () => {
    const service = await richService(2);
    const { page, wrong } = await compare(service, [1, 2], { viewport: { width: 1280, height: 900 } });
    await curvesDrawn(page);
    const over = page.locator('plinth-chart .u-over').first();
    const places: string[] = [];
    const box = await until(async () => {
      const found = await over.boundingBox().catch(() => null);
      places.push(JSON.stringify(found));
      return found && found.y < 700 && new Set(places.slice(-10)).size === 1 && places.length > 10 ? found : undefined;
    }, 'the first chart, where it stays');
    await page.mouse.move(box.x + box.width * 0.25, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 5 });
    await page.mouse.up();
    const zoomed = await until(
      async () => (await linked(page)).look?.['zoom'] as [number, number] | undefined,
      'zoom in the link',
    );
    expect(zoomed[1] - zoomed[0]).toBeGreaterThan(500);
    expect(zoomed[1] - zoomed[0]).toBeLessThan(1000);
    await page.getByRole('button', { name: 'Reset zoom' }).waitFor();
    const again = await openPage(browser, service, { page: 'compare', ...(await linked(page)) });
    await again.page.getByRole('button', { name: 'Reset zoom' }).waitFor();
    await until(async () => (await page.locator('plinth-chart canvas').count()) > 1, 'the charts');
    await over.dblclick({ position: { x: 80, y: 40 } });
    await until(async () => (await linked(page)).look?.['zoom'] === undefined, 'no zoom');
    expect(wrong).toEqual([]);
  });

  test('at the crosshair the list beside the charts has the measured value of each version', async () => {
    const service = await richService(3);
    const { page } = await compare(service, [1, 2, 3], { viewport: { width: 1280, height: 900 } });
    await curvesDrawn(page);
    const chart = page.locator('plinth-chart').first();
    await chart.locator('.u-over').hover({ position: { x: 60, y: 40 } });
    const head = page.locator('.run-head');
    await until(async () => /^val\/auc · \d/.test(await head.innerText()), 'the crosshair');
    const shown = (await page.locator('plinth-run-list .number').allInnerTexts()).map(Number);
    expect(shown).toEqual(shown.toSorted((a, b) => b - a));
    const rows = await chart.locator('.readout .number').allInnerTexts();
    expect(rows.map(Number)).toEqual(expect.arrayContaining(shown));
    await page.mouse.move(5, 5);
    await until(async () => (await head.innerText()) === 'val/accuracy', 'the metric of the model');
  });

  test('pins are kept with the model, stand first, and are undone by a click', async () => {
    const service = await richService(2);
    const { page } = await compare(service, [1, 2]);
    const pin = page.getByRole('button', { name: 'Pin latency_p95_ms' });
    await pin.focus();
    await page.keyboard.press('Enter');
    const first = page.locator('.judged tbody th.name').first();
    await until(async () => (await first.getAttribute('title')) === 'latency_p95_ms', 'the pinned row first');
    const pinned = async (): Promise<string[]> =>
      (await service.client.call('GET /models/:model', { model })).pinnedMetrics;
    expect(await pinned()).toEqual(['latency_p95_ms']);
    await page.getByRole('button', { name: 'Actions for val/f1' }).click();
    await page.getByRole('menuitem', { name: 'Set as Primary Metric' }).click();
    await until(async () => (await pinned()).join() === 'val/f1,latency_p95_ms', 'both pins');
    await until(async () => (await first.getAttribute('title')) === 'val/f1', 'the primary metric first');
    await page.getByRole('button', { name: 'Unpin latency_p95_ms' }).click();
    await until(async () => (await pinned()).join() === 'val/f1', 'one pin');
  });

  test('keys filter, show all rows, step through versions and set the baseline, but not while one writes', async () => {
    const service = await richService(4);
    const { page } = await compare(service, [1, 2]);
    await page.keyboard.press('/');
    await page.keyboard.type('bd/auc');
    const filter = page.getByRole('searchbox');
    expect(await filter.inputValue()).toBe('bd/auc');
    await page.getByText('No metric matches the filter.').waitFor();
    await filter.fill('/^val.auc$/');
    await until(async () => (await page.locator('.judged th.name[scope=row]').count()) === 1, 'one row');
    expect((await linked(page)).look?.['filter']).toBe('/^val.auc$/');
    await filter.fill('');
    await page.locator('h1').click();
    await page.keyboard.press('d');
    await until(async () => (await linked(page)).look?.['all'] === true, 'all rows');
    await page.keyboard.press(']');
    await until(async () => (await linked(page)).versions.join() === `${model}@1,${model}@3`, 'the next version');
    await page.locator('.chip', { hasText: 'v3' }).waitFor();
    await page.keyboard.press('b');
    await until(async () => (await linked(page)).versions.join() === `${model}@3,${model}@1`, 'the other baseline');
    expect(await page.getByRole('checkbox', { name: 'Only differences' }).isChecked()).toBe(false);
  });

  test('a chip that is dragged to the front becomes the baseline', async () => {
    const service = await richService(3);
    const { page } = await compare(service, [1, 2, 3]);
    const chips = page.locator('.chip');
    await chips.nth(2).dragTo(chips.nth(0));
    await until(
      async () => (await linked(page)).versions.join() === `${model}@3,${model}@1,${model}@2`,
      'the new order',
    );
  });

  test('of twenty versions twelve curves are drawn at first, and the others after a click', async () => {
    const service = await richService(20);
    const { page } = await compare(
      service,
      Array.from({ length: 20 }, (_, index) => index + 1),
      { viewport: { width: 1280, height: 900 } },
    );
    await page.getByRole('button', { name: 'Show 8 hidden curves' }).click();
    await until(async () => (await page.locator('plinth-run-list .swatch.off').count()) === 0, 'all curves');
    expect((await linked(page)).look?.['hidden']).toEqual([]);
  });

  test('a brush on a param leaves versions out of tables and curves, and the page asks only then for the plots', async () => {
    const service = await richService(8);
    const numbers = Array.from({ length: 8 }, (_, index) => index + 1);
    const { page, wrong } = await compare(service, numbers, { viewport: { width: 1280, height: 900 } });
    const axis = page.getByRole('slider', { name: 'Choose versions by depth' });
    await axis.scrollIntoViewIfNeeded();
    await axis.focus();
    await page.keyboard.press('ArrowUp');
    const heads = page.locator('.judged thead th.number');
    await until(async () => (await heads.count()) === 3, 'the versions with a depth of 4 beside the baseline');
    expect(await heads.allInnerTexts()).toEqual([
      expect.stringContaining('v1'),
      expect.stringContaining('v3'),
      expect.stringContaining('v6'),
    ]);
    await page.keyboard.press('Escape');
    await until(async () => (await heads.count()) === 8, 'all versions');
    expect(await page.getByRole('meter').or(page.locator('.importance li')).count()).toBeGreaterThan(2);
    const points = page.locator('circle.version');
    expect(await points.count()).toBe(8);
    await points.nth(0).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page
      .getByRole('heading', { name: `${model} v2`, level: 1 })
      .or(page.getByRole('heading', { name: `${model}@2` }))
      .first()
      .waitFor();
    expect(wrong).toEqual([]);
  });

  test('versions grouped by a param have one column and one mean curve a group, which the link keeps and a click unfolds', async () => {
    const service = await richService(4);
    const { page, wrong } = await compare(service, [1, 2, 3, 4], { viewport: { width: 1280, height: 900 } });
    await page.locator('section:has(#metrics)').getByLabel('Group by').selectOption('depth');
    const heads = page.locator('.judged thead th.number');
    await until(async () => (await heads.count()) === 3, 'a column for each group');
    expect((await heads.allInnerTexts()).map((text) => text.split('\n')[0])).toEqual([
      'depth = 5',
      'depth = 4',
      'depth = 6',
    ]);
    await page.getByRole('button', { name: 'Show the versions of depth = 5' }).click();
    await until(async () => (await heads.count()) === 5, 'the versions of a group');
    const cells = (await page.locator('.judged tbody tr:not(.group)').first().locator('td.number').allInnerTexts()).map(
      (text) => Number.parseFloat(text),
    );
    expect(cells[0]).toBeCloseTo((cells[1]! + cells[2]!) / 2, 3);
    expect((await linked(page)).look?.['group']).toBe('depth');
    const again = await openPage(browser, service, { page: 'compare', ...(await linked(page)) });
    await again.page.locator('.summary-card', { hasText: 'depth = 6' }).waitFor();
    await curvesDrawn(page);
    const listed = await page.locator('plinth-run-list .run-name').allInnerTexts();
    expect(listed.map((text) => text.split(' ').slice(0, 3).join(' ')).toSorted()).toEqual([
      'depth = 4',
      'depth = 5',
      'depth = 6',
    ]);
    expect(wrong).toEqual([]);
  });

  test('size, pins and folds of charts are kept for the model, and the history of a metric unfolds as bars', async () => {
    const service = await richService(3);
    const { page, wrong } = await compare(service, [1, 2], { viewport: { width: 1280, height: 900 } });
    await curvesDrawn(page);
    await page.getByRole('button', { name: 'S', exact: true }).click();
    const chart = page.locator('plinth-chart', { hasText: 'grad_norm' });
    await chart.hover();
    await chart.getByRole('button', { name: 'Pin', exact: true }).click();
    await page.locator('.fold-head', { hasText: 'val/' }).click();
    const titles = (at: Page): Promise<string[]> => at.locator('plinth-chart strong').allInnerTexts();
    await until(async () => (await titles(page))[0] === 'grad_norm', 'the pinned chart first');
    const other = await page.context().newPage();
    const place = { page: 'compare', versions: [`${model}@2`, `${model}@3`] };
    const code = await service.client.pageCode();
    await other.goto(
      new URL(`/#${new URLSearchParams({ code, place: JSON.stringify(place) }).toString()}`, page.url()).href,
    );
    await other.locator('.charts-S plinth-chart').first().waitFor();
    expect(await titles(other)).toEqual(['grad_norm', 'lr', 'system/gpu_0/memory_allocated_percent']);
    await page.getByRole('button', { name: 'Show val/auc of all versions' }).click();
    const bars = page.locator('plinth-history-bars rect');
    await until(async () => (await bars.count()) === 3, 'a bar for each version');
    expect(await page.locator('plinth-history-bars rect.production').getAttribute('data-version')).toBe('3');
    expect(wrong).toEqual([]);
  });

  test('three versions have no plots of what explains them', async () => {
    const service = await richService(3);
    const { page } = await compare(service, [1, 2, 3]);
    expect(await page.locator('#explain').count()).toBe(0);
  });
});
