import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordLineage } from '../../daemon/registry/versions/record-lineage.ts';
import { dataFile, lineageWith } from '../support/comparison.ts';
import { startService, until, type TestService } from '../support/daemon.ts';
import { hasBrowser, openBrowser } from '../vscode/browser.ts';
import { openPage } from './open-page.ts';
import { measurePage, type PageBoxes } from './page-boxes.ts';
import { registerRichModel } from './rich-registry.ts';

const reason = hasBrowser() ? undefined : 'no Chromium, Chrome or Edge was found, and none came with npm';
if (reason !== undefined) test(`the lineage graph: ${reason}`, (context) => context.skip(reason));

describe.skipIf(reason !== undefined)('the lineage graph', { timeout: 120_000 }, () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await openBrowser()), 60_000);
  afterAll(() => browser?.close());

  async function showsVersionsOfTheSameData(service: TestService): Promise<void> {
    const model = 'churn-classifier';
    for (const version of [1, 2]) {
      const lineage = lineageWith({ data: [dataFile(`data/${version}.csv`, 'b', 100)], captured: [] });
      await recordLineage(service.daemon.context, { actor: 'test' }, model, version, lineage);
    }
    const { page, wrong } = await openPage(browser, service, { page: 'lineage', model, version: '2' });
    await page.locator('.node.data', { hasText: 'data/2.csv' }).click();
    await page.getByRole('button', { name: 'Show versions with the same data' }).click();
    await page.locator('.node.sibling', { hasText: 'churn-classifier@1' }).waitFor();
    await page.getByRole('button', { name: 'Hide other versions' }).click();
    await until(async () => (await page.locator('.node.sibling').count()) === 0, 'a graph without other versions');
    expect(wrong).toEqual([]);
  }

  test('fits three widths, marks what differs from another version, and is read with the keyboard', async () => {
    const service = await startService();
    await registerRichModel(service.client, service.folder, 4);
    const place = { page: 'lineage', model: 'churn-classifier', version: '4' } as const;
    for (const width of [1280, 560, 360]) {
      const { page, wrong } = await openPage(browser, service, place, { viewport: { width, height: 800 } });
      await page.locator('.node').first().waitFor();
      const boxes: PageBoxes = await page.evaluate(measurePage(['.node rect', 'header .acts > *']));
      expect([width, boxes.wider, boxes.overlapping, wrong]).toEqual([width, 0, [], []]);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect([width, violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)]).toEqual([width, []]);
      await page.context().close();
    }
    const { page } = await openPage(browser, service, place);
    await page.locator('.node.changed.run').waitFor();
    await page.locator('.node.run').click();
    await page.locator('.node-panel', { hasText: '≠ v3' }).getByText('adamw → sgd').waitFor();
    await page.getByText('Show as list').click();
    await page.locator('.lineage-list').getByText('churn-classifier@4').waitFor();
    await page.getByLabel('Compare with').selectOption('nothing');
    await until(async () => (await page.locator('.node.changed').count()) === 0, 'a graph without marks');
    await page.locator('.node.data.unknown').focus();
    await page.locator('.node-panel').getByText('How to capture it').waitFor();
    await page.locator('.node.version').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'churn-classifier v4' }).waitFor();
    await page.context().close();
    await showsVersionsOfTheSameData(service);
  });
});
