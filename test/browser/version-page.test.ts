import { AxeBuilder } from '@axe-core/playwright';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flipped } from '../support/bit-flips.ts';
import { startService, until, type TestService } from '../support/daemon.ts';
import { hasBrowser, openBrowser } from '../vscode/browser.ts';
import { openPage, type Opened } from './open-page.ts';
import { measurePage, type PageBoxes } from './page-boxes.ts';
import { registerRichModel } from './rich-registry.ts';

const reason = hasBrowser() ? undefined : 'no Chromium, Chrome or Edge was found, and none came with npm';
if (reason !== undefined) test(`the page of a version: ${reason}`, (context) => context.skip(reason));

const policy = `models:
  - match: "*"
    card: [intended use]
    gates:
      production:
        - { gate: metric, metric: val/auc, at_least: 0.1 }
        - { gate: approvals, count: 1 }
        - { gate: tags, keys: [dataset] }
`;

describe.skipIf(reason !== undefined)('the page of a version', { timeout: 180_000 }, () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await openBrowser()), 60_000);
  afterAll(() => browser?.close());

  async function richService(count: number): Promise<TestService> {
    const service = await startService();
    await registerRichModel(service.client, service.folder, count);
    const path = join(service.folder, 'plinth.yaml');
    writeFileSync(path, policy);
    await service.client.call('POST /models/:model/policy', { model: 'churn-classifier', path });
    return service;
  }

  const open = (service: TestService, version: number, options: object = {}): Promise<Opened> =>
    openPage(browser, service, { page: 'version', model: 'churn-classifier', version: String(version) }, options);

  test('fits at 1280, 560 and 360 pixels, in light and dark, nothing overlaps, and axe finds nothing', async () => {
    const service = await richService(6);
    for (const width of [1280, 560, 360])
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page, wrong } = await open(service, 6, { viewport: { width, height: 800 }, colorScheme });
        await page.locator('.checklist').first().waitFor();
        const lists = [
          'header .acts > *',
          '.tile',
          '.checklist .act',
          '.data thead th:not(.name)',
          '.columns-page > div > section',
        ];
        const boxes: PageBoxes = await page.evaluate(measurePage(lists));
        const where = `${width} px, ${colorScheme}`;
        expect([where, boxes.wider, boxes.overlapping, boxes.cut, wrong]).toEqual([where, 0, [], [], []]);
        expect(boxes.header, where).toBeLessThanOrEqual(0.15);
        const { violations } = await new AxeBuilder({ page }).exclude('plinth-chart').analyze();
        expect([where, violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)]).toEqual([where, []]);
        await page.context().close();
      }
  });

  test('metrics stand beside those of production, with the judgement of a comparison', async () => {
    const service = await richService(6);
    const { page } = await open(service, 6);
    const row = page.locator('table.data').first().locator('tr', { hasText: 'log_loss' });
    const { metrics } = await service.client.call('GET /compare', {
      versions: 'churn-classifier@3,churn-classifier@6',
    });
    const compared = metrics.find(({ name }) => name === 'val/log_loss');
    expect(compared?.better[1]).toBe(true);
    const sign = (compared?.deltas[1] ?? 0) > 0 ? '+' : '−';
    expect(await row.locator('td').nth(2).innerText()).toContain(`${sign}`);
    expect(await row.locator('.mark').innerText()).toBe('▲');
    await page.getByText('against v3 in production').waitFor();
    const production = await open(service, 3);
    await production.page.getByText('against v2', { exact: true }).waitFor();
  });

  test('each gate says once what is missing, and offers what can be done about it', async () => {
    const service = await richService(4);
    const { page } = await open(service, 4);
    const gates = page.getByRole('list', { name: 'Gates of production' });
    const lines = await gates.getByRole('listitem').allInnerTexts();
    expect(lines.map((line) => line.trim()[0])).toEqual(['✗', '✗', '✗', '✓']);
    await gates.getByRole('button', { name: 'Edit Tags…' }).click();
    await page.getByLabel('Tag', { exact: true }).fill('dataset');
    await page.getByLabel('Value (empty removes the tag)').fill('2026-10');
    await page.keyboard.press('Enter');
    await until(async () => (await gates.locator('.failed').count()) === 2, 'one gate more that passes');
    await gates.getByRole('button', { name: 'Request Approval…' }).click();
    await page.getByRole('button', { name: 'Request', exact: true }).click();
    await page.locator('.reviews', { hasText: 'requested approval for production' }).waitFor();
  });

  test('the name column is resized by keys and pointer, remembered for the model, and copies whole names', async () => {
    const service = await richService(2);
    const { page, wrong } = await open(service, 2);
    const table = page.locator('plinth-data-table').first();
    const head = table.locator('thead th.name');
    const width = async (): Promise<number> => Math.round((await head.boundingBox())?.width ?? 0);
    const handle = page.getByRole('separator', { name: 'Width of the name column' }).first();
    const usual = await width();
    await handle.focus();
    for (let times = 0; times < 20; times += 1) await page.keyboard.press('ArrowLeft');
    await until(async () => (await width()) === 90, 'the least width');
    const name = table.locator('th.two-lines').first();
    expect(await name.innerText()).toContain('…');
    await name.locator('.fitted-name').selectText();
    const copied = await page.evaluate(`(() => {
      const event = new ClipboardEvent('copy', { bubbles: true, cancelable: true, clipboardData: new DataTransfer() });
      document.querySelector('th.two-lines').dispatchEvent(event);
      return event.clipboardData.getData('text/plain');
    })()`);
    expect(copied).toMatch(/^val\/segment=\w+\|region=\w+\/\w+|^[\w.]{12,}$/);
    expect(copied).not.toContain('…');
    await page.getByRole('button', { name: 'churn-classifier' }).first().click();
    await page.getByRole('heading', { name: 'churn-classifier', exact: true }).waitFor();
    await page.goBack();
    await until(async () => (await width()) === 90, 'the width that was remembered');
    await handle.hover();
    const box = await handle.boundingBox();
    await page.mouse.move((box?.x ?? 0) + 4, (box?.y ?? 0) + 8);
    await page.mouse.down();
    await page.mouse.move((box?.x ?? 0) + 104, (box?.y ?? 0) + 8, { steps: 3 });
    await page.mouse.up();
    await until(async () => (await width()) === 190, 'the width of the drag');
    expect(await page.evaluate('localStorage.getItem("plinth-kept")')).toContain(
      '"name-width:values:churn-classifier":190',
    );
    await handle.dblclick();
    await until(async () => (await width()) === usual, 'the usual width');
    expect(wrong).toEqual([]);
  });

  test('a file is downloaded with its bytes, its checksum is copied, and the lineage is drawn beside it', async () => {
    const service = await richService(2);
    const { page, wrong } = await open(service, 2);
    const of = { model: 'churn-classifier', version: '2' };
    const { files } = await service.client.call('GET /models/:model/versions/:version', of);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download model.joblib' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('model.joblib');
    const bytes = readFileSync(await download.path());
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(sha256).toBe(files[0]?.sha256);
    expect(await page.locator('.version-files code').first().innerText()).toBe(sha256.slice(0, 12));
    const graph = page.getByRole('img', { name: /^Lineage: .*churn-classifier@2/ });
    await graph.locator('.node.run').click();
    await page.getByRole('heading', { name: 'Lineage of churn-classifier@2' }).waitFor();
    expect(wrong).toEqual([]);
  });

  test('a damaged file is not downloaded, and the page says so', async () => {
    const service = await richService(2);
    const of = { model: 'churn-classifier', version: '2' };
    const { files } = await service.client.call('GET /models/:model/versions/:version', of);
    const { page } = await open(service, 2);
    flipped(service, files[0]?.sha256 ?? '');
    await page.getByRole('button', { name: 'Download model.joblib' }).click();
    await page.locator('#told', { hasText: /damaged|did not arrive whole/ }).waitFor();
  });

  test('a comment is written in the page, and a tab shows how to load it', async () => {
    const service = await richService(2);
    const { page, wrong } = await open(service, 2);
    await page.getByRole('textbox', { name: 'Comment' }).fill('Looks <b>good</b>.');
    await page.getByRole('button', { name: 'Comment', exact: true }).click();
    await page.locator('.comment-text', { hasText: 'Looks <b>good</b>.' }).waitFor();
    await page.getByRole('tab', { name: 'Python' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('tabpanel').getByText('joblib.load(path)').waitFor();
    expect(wrong).toEqual([]);
  });
});
