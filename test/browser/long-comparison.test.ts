import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startService, samples, until } from '../support/daemon.ts';
import { hasBrowser, openBrowser } from '../vscode/browser.ts';
import { openPage } from './open-page.ts';

const runs = join(samples, 'sklearn', 'iris-script', 'outputs');
const many = 300;

test('of a long comparison the rows near the view are drawn, the others as one comes to them', async (context) => {
  if (!hasBrowser()) return context.skip('no Chromium, Chrome or Edge was found, and none came with npm');
  const service = await startService();
  for (const run of ['v1', 'v2']) {
    const folder = join(service.folder, 'long', run);
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(runs, run, 'model.joblib'), join(folder, 'model.joblib'));
    const metrics = Object.fromEntries(Array.from({ length: many }, (_, n) => [`m${n}`, run === 'v1' ? n : n + 0.5]));
    writeFileSync(join(folder, 'metrics.json'), JSON.stringify(metrics));
    await service.client.call('POST /register', { path: join(folder, 'model.joblib'), model: 'long' });
  }
  const browser = await openBrowser();
  try {
    const { page, wrong } = await openPage(browser, service, { page: 'compare', versions: ['long@1', 'long@2'] });
    const table = page.locator('table.judged');
    const rows = table.locator('tbody:not([data-group]) tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBeLessThan(150);
    const scroller = page.locator('.matrix:has(.judged)');
    expect(await scroller.evaluate((element) => element.scrollHeight)).toBeGreaterThan(many * 20);
    await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await page.getByRole('rowheader', { name: 'm99', exact: true }).waitFor();
    const head = table.locator('thead th').first();
    expect(await head.evaluate((element) => element.getBoundingClientRect().top)).toBeGreaterThanOrEqual(0);
    await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
    await until(async () => (await rows.count()) > 150, 'the rows on the way');
    expect(wrong).toEqual([]);
  } finally {
    await browser.close();
  }
}, 60_000);
