import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contrastOf, type Rgb } from '../../webview/components/colours.ts';
import { startService, until, type TestService } from '../support/daemon.ts';
import { hasBrowser, openBrowser } from '../vscode/browser.ts';
import { openPage, type Opened } from './open-page.ts';
import { registerRichModel } from './rich-registry.ts';

const reason = hasBrowser() ? undefined : 'no Chromium, Chrome or Edge was found, and none came with npm';
if (reason !== undefined) test(`comparisons of many versions: ${reason}`, (context) => context.skip(reason));

const most = 20;

/** Boxes of a page, read in the browser. */
interface Boxes {
  wider: number;
  header: number;
  height: number;
  /** Width of the narrowest cell of names, in widths of the digit 0. */
  nameCharacters: number;
  /** Texts of neighbours in a line that overlap. */
  overlapping: string[];
}

const measure = `(() => {
  const root = document.documentElement;
  const names = [...document.querySelectorAll('.matrix th.name')];
  const ruler = document.createElement('span');
  ruler.textContent = '0'.repeat(100);
  names[0].append(ruler);
  const digit = ruler.getBoundingClientRect().width / 100;
  ruler.remove();
  const boxes = (selector) => [...document.querySelectorAll(selector)].map((element) => [element, element.getBoundingClientRect()]).filter(([, box]) => box.width > 1);
  const overlapping = ['.chip', '.matrix thead th', '.summary-card li > *', '.matrix tbody tr:nth-child(2) > *', 'plinth-chart'].flatMap((selector) =>
    boxes(selector).flatMap(([a, left], index, all) => all.slice(index + 1).flatMap(([b, right]) =>
      left.left < right.right - 1 && right.left < left.right - 1 && left.top < right.bottom - 1 && right.top < left.bottom - 1 && a.closest('plinth-compare-table') === b.closest('plinth-compare-table') && !a.classList.contains('name') ? [selector + ' ' + a.textContent.trim() + ' / ' + b.textContent.trim()] : [])));
  return {
    wider: root.scrollWidth - root.clientWidth,
    header: document.querySelector('header').getBoundingClientRect().height,
    height: root.clientHeight,
    nameCharacters: Math.min(...names.map((name) => name.getBoundingClientRect().width)) / digit,
    overlapping,
  };
})()`;

/** Returns the colours of the legend and the page's ground as the browser resolved them. */
const colours = `(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
  return { ground: rgb(getComputedStyle(document.body).backgroundColor), versions: [...document.querySelectorAll('.chip .swatch')].map((one) => rgb(getComputedStyle(one).backgroundColor)) };
})()`;

/** Counts the pixels of the first chart's canvas that have exactly the colour of the version at a place. */
const drawnPixels = (place: number): string => `(() => {
  const canvas = document.querySelector('plinth-chart canvas');
  const [red, green, blue] = getComputedStyle(document.querySelectorAll('.chip .swatch')[${place}]).backgroundColor.match(/[\\d.]+/g).map(Number);
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255 && data[at] === red && data[at + 1] === green && data[at + 2] === blue) found += 1;
  return found;
})()`;

describe.skipIf(reason !== undefined)('comparisons of many versions in a browser', { timeout: 240_000 }, () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await openBrowser()), 60_000);
  afterAll(() => browser?.close());

  async function richService(count: number): Promise<TestService> {
    const service = await startService();
    await registerRichModel(service.client, service.folder, count);
    return service;
  }

  const compare = (service: TestService, count: number, options: object = {}): Promise<Opened> =>
    openPage(
      browser,
      service,
      { page: 'compare', versions: Array.from({ length: count }, (_, at) => `churn-classifier@${at + 1}`) },
      options,
    );

  const chartsDrawn = (page: Page): Promise<unknown> =>
    until(async () => {
      await page.locator('#curves').scrollIntoViewIfNeeded();
      return (await page.locator('plinth-chart canvas').count()) > 1;
    }, 'the charts');

  test('2, 3, 10 and 20 versions fit at 1280, 560 and 360 pixels, and names are readable', async () => {
    const service = await richService(most);
    for (const count of [2, 3, 10, most])
      for (const [width, height] of [
        [1280, 800],
        [560, 800],
        [360, 740],
      ] as const) {
        const { page, wrong } = await compare(service, count, { viewport: { width, height } });
        const boxes: Boxes = await page.evaluate(measure);
        const where = `${count} versions at ${width} px`;
        expect([where, boxes.wider, boxes.overlapping, wrong]).toEqual([where, 0, [], []]);
        expect(boxes.header / boxes.height, `${where}: share of the header`).toBeLessThanOrEqual(0.15);
        expect(boxes.nameCharacters, `${where}: characters of a name`).toBeGreaterThanOrEqual(16);
        await page.context().close();
      }
  });

  test('each version has one colour of 3:1 and more in legend and curves, and charts are drawn again in another scheme', async () => {
    const service = await richService(9);
    const { page, wrong } = await compare(service, 9, { colorScheme: 'light' });
    for (const scheme of ['light', 'dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      const found = await until(async () => {
        const read: { ground: Rgb; versions: Rgb[] } = await page.evaluate(colours);
        return read.versions.every((colour) => contrastOf(colour, read.ground) >= 3) && read;
      }, `colours of 3:1 in ${scheme}`);
      expect(new Set(found.versions.slice(0, 8).map(String)).size).toBe(8);
      await chartsDrawn(page);
      for (const place of [0, 4])
        await until(
          async () => ((await page.evaluate(drawnPixels(place))) as number) > 20,
          `${scheme}: curve ${place}`,
        );
    }
    expect(wrong).toEqual([]);
  });

  test('a summary counts what the table marks, a count shows its rows, and a head sorts', async () => {
    const service = await richService(3);
    const { page } = await compare(service, 2);
    const table = page.locator('table.judged');
    await page.locator('.matrix:has(.judged)').evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await until(async () => (await table.locator('tbody[data-group]').count()) === 0, 'all rows');
    const marks = (sign: string): Promise<number> => table.locator('td.delta', { hasText: sign }).count();
    const counted = async (name: RegExp): Promise<number> =>
      Number.parseInt((await page.getByRole('button', { name }).innerText()).trim(), 10);
    expect(await counted(/^v2: \d+ better/)).toBe(await marks('▲'));
    const worse = await counted(/^v2: \d+ worse/);
    expect(worse).toBe(await marks('▼'));
    await page.getByRole('button', { name: /^v2: \d+ worse/ }).click();
    await until(async () => (await table.locator('th.name').count()) === worse + 1, 'the rows that are worse');
    await page.getByRole('button', { name: 'Show all metrics' }).click();
    const first = (): Promise<string> => table.locator('tbody th.name').first().innerText();
    const before = await first();
    await table.getByRole('button', { name: 'v2', exact: true }).click();
    await until(async () => (await first()) !== before, 'another order');
    const values = await table.locator('tbody td.number:nth-child(4)').allInnerTexts();
    const numbers = values.map((text) => Number.parseFloat(text.replaceAll(',', '').replace('−', '-')));
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
  });

  test('captured texts are compared line by line with the baseline, and those that are the same are named', async () => {
    const service = await richService(3);
    const { page, wrong } = await compare(service, 3);
    const config = page.locator('plinth-text-difference', { has: page.getByRole('heading', { name: 'config.yaml' }) });
    await config.scrollIntoViewIfNeeded();
    await config.locator('.difference').nth(1).waitFor();
    const tops = await config
      .locator('.difference')
      .first()
      .locator('> span')
      .evaluateAll((lines) => lines.map((line) => line.getBoundingClientRect().top));
    expect(tops.length).toBeGreaterThan(2);
    expect(tops.slice(1).every((top, at) => top - (tops[at] ?? 0) > 8)).toBe(true);
    expect(tops.at(-1)! - tops[0]!).toBeLessThan(tops.length * 26);
    const heads = await config.locator('.difference-head').allInnerTexts();
    expect(heads.map((text) => text.trim())).toEqual(['v1 → v2 +2 −1', 'v1 → v3 +1 −1']);
    expect(await config.locator('.added').allInnerTexts()).toEqual([
      expect.stringContaining('learning_rate: 0.0012'),
      expect.stringContaining('min_delta: 0.0005'),
      expect.stringContaining('learning_rate: 0.0013'),
    ]);
    await page.getByText('Identical: conf/data.yaml').waitFor();
    expect(wrong).toEqual([]);
  });
});
