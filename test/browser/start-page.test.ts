import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, threeVersions, until, type TestService } from '../support/daemon.ts';
import { hasBrowser, openBrowser } from '../vscode/browser.ts';
import { openPage } from './open-page.ts';
import { measurePage, type PageBoxes } from './page-boxes.ts';

const reason = hasBrowser() ? undefined : 'no Chromium, Chrome or Edge was found, and none came with npm';
if (reason !== undefined) test(`the start page: ${reason}`, (context) => context.skip(reason));

const longName = `"><img src=x onerror=alert(1)> ${'very-long-name-'.repeat(11)}`;

describe.skipIf(reason !== undefined)('the start page', { timeout: 120_000 }, () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await openBrowser()), 60_000);
  afterAll(() => browser?.close());

  /** Two models: `iris` with three versions and some moves, and one with a long hostile name. */
  async function twoModels(): Promise<TestService> {
    const service = await startService();
    await threeVersions(service.client);
    const promote = (version: string, why: string): Promise<unknown> =>
      service.client.call('POST /models/:model/versions/:version/promote', {
        model: 'iris',
        version,
        stage: 'production',
        reason: why,
      });
    await promote('1', 'the first one');
    await promote('2', 'higher recall');
    await promote('3', 'lower loss');
    await service.client.call('POST /models/:model/versions/:version/move', {
      model: 'iris',
      version: '1',
      to: 'other',
    });
    await service.client.call('POST /models/:model/rename', { model: 'other', name: longName });
    return service;
  }

  test('shows what is in production without a click, and another model with one', async () => {
    const service = await twoModels();
    const { page, wrong } = await openPage(browser, service, { page: 'models' });
    await page.getByRole('navigation', { name: 'All models' }).getByText('iris').click();
    await page.locator('.stage-card', { hasText: 'production' }).getByRole('button', { name: 'v3' }).waitFor();
    const rows = page.locator('.model-list li button');
    const names = (): Promise<string[]> => rows.locator('.model-name').allInnerTexts();
    const shown = await names();
    const promote = (model: string, version: string, stage: string): Promise<unknown> =>
      service.client.call('POST /models/:model/versions/:version/promote', { model, version, stage });
    await promote('iris', '2', 'staging');
    await page.locator('.stage-card', { hasText: 'staging' }).getByRole('button', { name: 'v2' }).waitFor();
    expect(await names(), 'nothing moves under the pointer').toEqual(shown);
    await promote(longName, '1', 'production');
    await rows.filter({ hasText: 'very-long-name' }).filter({ hasText: 'production v1' }).waitFor();
    expect(await names(), 'nothing moves under the pointer').toEqual(shown);
    await page.getByRole('searchbox', { name: 'Filter models' }).fill('long name');
    await until(async () => (await rows.count()) === 1, 'one model');
    const row = await rows.elementHandle();
    await promote('iris', '3', 'staging');
    await page.locator('.stage-card', { hasText: 'staging' }).getByRole('button', { name: 'v3' }).waitFor();
    expect(await row?.evaluate((element) => element.isConnected), 'the row kept its element').toBe(true);
    expect(await rows.count(), 'the filter holds for the new list').toBe(1);
    await rows.click();
    await page.locator('.chosen-model h2', { hasText: 'very-long-name' }).waitFor();
    expect([await page.evaluate('globalThis.executed'), wrong]).toEqual([[], []]);
    await page.goBack();
    await page.locator('.chosen-model h2', { hasText: 'iris' }).waitFor();
  });

  test('fits 1280, 560 and 360 pixels in two schemes, and axe finds nothing', async () => {
    const service = await twoModels();
    for (const model of ['iris', longName])
      for (const width of [1280, 560, 360])
        for (const colorScheme of ['light', 'dark'] as const) {
          const place = { page: 'models', model } as const;
          const { page } = await openPage(browser, service, place, { viewport: { width, height: 740 }, colorScheme });
          await page.locator('.chosen-model').waitFor();
          const boxes: PageBoxes = await page.evaluate(
            measurePage(['.model-list li', '.stage-card', '.chosen-model > *']),
          );
          expect([width, model, boxes.wider, boxes.overlapping]).toEqual([width, model, 0, []]);
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect([width, violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)]).toEqual([width, []]);
          await page.context().close();
        }
  });

  test('promoting shows the differences and what becomes of the current version; rolling back shows why each one came', async () => {
    const service = await twoModels();
    const { page } = await openPage(browser, service, { page: 'version', model: 'iris', version: '2' });
    await page.getByRole('button', { name: 'Promote…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('v3 goes to the archive').waitFor();
    await dialog.getByRole('list', { name: 'Differences' }).locator('.better, .worse').first().waitFor();
    await dialog.getByRole('combobox').selectOption({ label: 'staging (empty)' });
    await dialog.getByText('staging is currently empty').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    const model = await openPage(browser, service, { page: 'model', model: 'iris' });
    await model.page.getByRole('button', { name: 'Roll back production' }).click();
    await model.page.getByRole('radio', { name: /v2 .*“higher recall”/ }).check();
    await model.page.getByRole('button', { name: 'Roll Back', exact: true }).click();
    await model.page.getByText('Rolled back iris production to v2 (was v3); checksum verified.').waitFor();
  });
});
