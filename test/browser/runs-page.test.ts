import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMlflowService } from '../api/mlflow/asked.ts';
import { startService, until } from '../support/daemon.ts';
import { train } from '../support/trainings.ts';
import { hasBrowser, openBrowser } from '../vscode/browser.ts';
import { openPage } from './open-page.ts';

const reason = hasBrowser() ? undefined : 'no Chromium, Chrome or Edge was found, and none came with npm';
if (reason !== undefined) test(`the page of all runs: ${reason}`, (context) => context.skip(reason));

describe.skipIf(reason !== undefined)('the page of all runs', () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await openBrowser()), 60_000);
  afterAll(() => browser?.close());

  test('is one click from any page, says what a run is while there is none, and shows a run from its first save to its version', async () => {
    const service = await startService();
    await service.client.call('POST /roots', { path: service.out });
    const { page, wrong } = await openPage(browser, service, { page: 'models' });
    await page.getByRole('navigation').getByRole('button', { name: 'Runs' }).click();
    await page.getByText('No runs yet. A training that saves below a watched folder is a run.').waitFor();
    const training = train(
      service.folder,
      `save('out/churn/epoch=1-val_loss=0.5.safetensors', 1); await sleep(3000);
       save('out/churn/epoch=2-val_loss=0.4.safetensors', 2); await sleep(800);`,
    );
    const row = page.getByRole('row', { name: /^churn/ });
    await row.getByText('running').waitFor();
    await row.getByText('train.mjs').waitFor();
    await row.getByText('1 candidate').waitFor();
    const lasted = row.locator('plinth-elapsed');
    const before = await lasted.innerText();
    await until(async () => (await lasted.innerText()) !== before, 'a later time');
    await training.ended;
    await row.getByText('finished').waitFor();
    expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
    await page.setViewportSize({ width: 300, height: 700 });
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    const name = await row.getByText('churn', { exact: true }).boundingBox();
    expect(name?.height).toBeLessThan(30);
    await service.client.call('POST /candidates/clean-up', {});
    await row.getByText('1 lost').waitFor();
    expect(await row.getByText('1 lost').getAttribute('title')).toBe('Its bytes were given up by a person.');
    await row.getByRole('button', { name: 'churn@1' }).click();
    await page.getByRole('heading', { name: 'churn v1' }).waitFor();
    await page.goBack();
    await row.getByText('finished').waitFor();
    expect(wrong).toEqual([]);
  }, 60_000);

  test('has an address that can be typed, and leads to the page of a run that an MLflow client logged', async () => {
    const service = await startMlflowService();
    const made = await service.ok('POST', 'runs/create', {
      experiment_id: '0',
      run_name: '<b>first</b>',
      start_time: 1,
    });
    const { run_id } = (made['run'] as { info: { run_id: string } }).info;
    await service.ok('POST', 'runs/log-metric', { run_id, key: 'loss', value: 0.25, timestamp: 1, step: 1 });
    const { page, wrong } = await openPage(browser, service, { page: 'models' });
    await page.evaluate("location.hash = '#/runs'");
    await page.getByRole('row').getByText('loss 0.25').waitFor();
    await service.ok('POST', 'runs/update', { run_id, status: 'FAILED', end_time: 5_001 });
    const row = page.getByRole('row', { name: /failed/ });
    await row.getByText('5 s').waitFor();
    await row.getByRole('button', { name: 'Default/<b>first</b>' }).click();
    await page.getByRole('heading', { name: '<b>first</b>', level: 1 }).waitFor();
    expect([wrong, service.errors]).toEqual([[], []]);
  });
});
