import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samples, startService } from '../support/daemon.ts';
import { hasBrowser, openBrowser } from '../vscode/browser.ts';
import { openPage } from './open-page.ts';
import { measurePage, type PageBoxes } from './page-boxes.ts';

const reason = hasBrowser() ? undefined : 'no Chromium, Chrome or Edge was found, and none came with npm';
if (reason !== undefined) test(`the inspector: ${reason}`, (context) => context.skip(reason));

describe.skipIf(reason !== undefined)('the inspector', { timeout: 120_000 }, () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await openBrowser()), 60_000);
  afterAll(() => browser?.close());

  test('shows the numbers of a chosen tensor below its row, with a histogram and a heat map', async () => {
    const service = await startService();
    const path = join(samples, '../made/statistics/every-type.safetensors');
    for (const [width, colorScheme] of [
      [1280, 'light'],
      [360, 'dark'],
    ] as const) {
      const viewport = { width, height: 800 };
      const { page, wrong } = await openPage(browser, service, { page: 'inspect', path }, { viewport, colorScheme });
      await page.getByRole('button', { name: 'odd.F32' }).click();
      const numbers = page.locator('plinth-tensor-numbers');
      await numbers.getByRole('row', { name: /NaN.*2 \(25\.0 %\)/ }).waitFor();
      await page.getByTitle('Show the numbers of normal.BF16').click();
      await numbers.getByRole('img', { name: /^Histogram with 64 bins/ }).waitFor();
      const map = numbers.getByRole('img', { name: 'Heat map of normal.BF16: 24 rows, 40 columns' });
      await map.hover({ position: { x: 2, y: 2 } });
      await numbers.getByText(/^\[0, 0\] ≈ /).waitFor();
      const boxes: PageBoxes = await page.evaluate(measurePage(['.tensor-parts > *']));
      expect([width, boxes.wider, boxes.overlapping, wrong]).toEqual([width, 0, [], []]);
      const { violations } = await new AxeBuilder({ page }).include('.tensor-numbers').include('header').analyze();
      expect([width, violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)]).toEqual([width, []]);
      await page.getByTitle('Show the numbers of normal.BF16').press('Enter');
      expect(await numbers.count()).toBe(0);
      await page.context().close();
    }
  });

  test('marks the layers that differ from a registered version, and says identical only of all files', async () => {
    const service = await startService();
    const checkpoint = (step: number): string => join(samples, `transformers/tiny-bert-cls/checkpoint-${step}`);
    await service.client.call('POST /register', { path: checkpoint(8), model: 'bert' });
    await service.client.call('POST /register', { path: join(samples, 'pytorch/digits-mlp-a/model.pt'), model: 'a' });
    const { page, wrong } = await openPage(browser, service, { page: 'inspect', path: checkpoint(24) });
    await page.getByText('Not registered.').waitFor();
    await page.getByText('transformers 5.23.0 · folder').waitFor();
    await page.getByRole('row', { name: /^Vocabulary 18/ }).waitFor();
    expect(await page.getByLabel('Compare with registered version').inputValue()).toBe('bert@1');
    await page.getByRole('button', { name: 'Compare weights' }).click();
    await page.getByText(/^25 tensors differ from bert@1/).waitFor();
    await page.locator('tr.group-row', { hasText: 'classifier' }).getByText('≠ 2 of 2').waitFor();
    await page.getByLabel('Only changed').check();
    await page
      .locator('tr', { hasText: 'classifier.weight' })
      .getByText(/^≠ [\d.]+ %$/)
      .waitFor();
    expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
    expect(wrong).toEqual([]);
    const gguf = join(samples, '../made/gguf/tokens.gguf');
    const { page: other } = await openPage(browser, service, { page: 'inspect', path: gguf });
    await other.getByRole('img', { name: /^q8_0 .* %, / }).waitFor();
    await other.getByRole('region', { name: 'Chat template' }).getByText('message.role').waitFor();
    await other.getByRole('button', { name: 'token_embd.weight', exact: true }).click();
    await other.getByText('Its data is quantised (q8_0) and is not decoded.').waitFor();
    expect((await new AxeBuilder({ page: other }).analyze()).violations.map(({ id }) => id)).toEqual([]);
  });
});
