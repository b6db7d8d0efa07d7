import { AxeBuilder } from '@axe-core/playwright';
import { join } from 'node:path';
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
    const row = page.locator('tr', { has: page.getByText('churn', { exact: true }) });
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
    await page.getByRole('cell', { name: '0.25' }).waitFor();
    await service.ok('POST', 'runs/update', { run_id, status: 'FAILED', end_time: 5_001 });
    const row = page.getByRole('row', { name: /failed/ });
    await row.getByText('5 s').waitFor();
    await row.getByRole('button', { name: 'Default/<b>first</b>' }).click();
    await page.getByRole('heading', { name: '<b>first</b>', level: 1 }).waitFor();
    expect([wrong, service.errors]).toEqual([[], []]);
  });

  test('200 runs are sorted and filtered by metric, param, tag and date, few rows are drawn, and columns are chosen', async () => {
    const service = await startMlflowService();
    for (let number = 1; number <= 200; number += 1) {
      const start = Date.UTC(2026, 9, 1) + number * 3_600_000;
      const fields = { experiment_id: '0', run_name: `run ${number}`, start_time: start };
      const made = await service.ok('POST', 'runs/create', fields);
      const { run_id } = (made['run'] as { info: { run_id: string } }).info;
      await service.ok('POST', 'runs/log-batch', {
        run_id,
        metrics: [
          { key: 'val_auc', value: number === 77 ? 'NaN' : 0.5 + number / 500, timestamp: start, step: 1 },
          { key: 'val_loss', value: 1 / number, timestamp: start, step: 1 },
        ],
        params: [
          { key: 'lr', value: String(number / 10_000) },
          { key: 'depth', value: String(number % 5) },
        ],
        tags: [{ key: 'team', value: number % 2 === 0 ? 'risk' : 'growth' }],
      });
      await service.ok('POST', 'runs/update', { run_id, status: 'FINISHED', end_time: start + 60_000 });
    }
    const { page, wrong } = await openPage(
      browser,
      service,
      { page: 'runs' },
      { viewport: { width: 1280, height: 800 } },
    );
    const rows = page.locator('table.data tbody tr:not(.spacer)');
    await rows.first().waitFor();
    expect(await rows.count()).toBeLessThan(60);
    await page.getByRole('columnheader').getByRole('button', { name: 'val_auc' }).click();
    await until(async () => (await rows.first().innerText()).includes('Default/run 200'), 'the best run');
    const filter = page.getByRole('searchbox', { name: 'Filter' });
    await filter.fill('val_auc > 0.7 and depth = 3 and tags.team = risk and started < 2026-10-08');
    await page.getByText('6 of 200').waitFor();
    await filter.fill('val_auc >');
    await page.getByRole('alert').getByText('Cannot read the filter at character 10').waitFor();
    await filter.fill('val_auc is null');
    await page.getByText('1 of 200').waitFor();
    await rows.getByText('Default/run 77').waitFor();
    await filter.fill('val_auc > 0.89');
    await page.getByText('5 of 200').waitFor();
    await page.getByRole('checkbox', { name: 'Select all' }).check();
    await page.getByText('Compare Selected (5)').click();
    await page.getByRole('heading', { level: 1 }).filter({ hasText: '↔' }).waitFor();
    await page.locator('.matrix').getByRole('columnheader', { name: 'run 200' }).first().waitFor();
    await page.locator('.matrix tr', { hasText: /val_auc.*0\.900/s }).waitFor();
    expect(await page.getByText('Promote').count(), 'a run cannot be promoted').toBe(0);
    await page.goBack();
    await filter.fill('');
    await page.locator('summary', { hasText: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'team' }).check();
    await page.getByRole('columnheader', { name: 'team' }).waitFor();
    expect(wrong).toEqual([]);
    for (const width of [560, 360]) {
      await page.setViewportSize({ width, height: 740 });
      expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(
        0,
      );
    }
  }, 120_000);

  test('runs are selected and compared, and a run shows its saves', async () => {
    const service = await startService();
    await service.client.call('POST /roots', { path: service.out });
    const names = ['a', 'b'];
    const trainings = names.map((name, index) =>
      train(
        join(service.folder, name),
        `save('../out/${name}/epoch=1-val_loss=0.5.safetensors', ${index}); await sleep(900);
         save('../out/${name}/epoch=2-val_loss=0.4.safetensors', ${index + 5}); await sleep(900);`,
      ),
    );
    await Promise.all(trainings.map(({ ended }) => ended));
    const { page } = await openPage(browser, service, { page: 'runs' });
    await page.getByText('finished').nth(1).waitFor();
    await page.getByRole('button', { name: 'Show what belongs to it' }).first().click();
    await page.locator('.saves li').nth(1).waitFor();
    await page.getByRole('checkbox', { name: 'Select all' }).check();
    await page.getByText('Compare Selected (2)').click();
    await page.getByRole('heading', { level: 1, name: '↔' }).waitFor();
  }, 60_000);
});
