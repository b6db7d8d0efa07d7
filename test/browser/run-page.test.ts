import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMlflowService } from '../api/mlflow/asked.ts';
import { hasBrowser, openBrowser } from '../vscode/browser.ts';

const reason = hasBrowser() ? undefined : 'no Chromium, Chrome or Edge was found, and none came with npm';
if (reason !== undefined) test(`the page of a run: ${reason}`, (context) => context.skip(reason));

describe.skipIf(reason !== undefined)('the page of a run', () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await openBrowser()), 60_000);
  afterAll(() => browser?.close());

  test('the address that MLflow’s client prints says how to get in, and shows the run after it', async () => {
    const service = await startMlflowService();
    const made = await service.ok('POST', 'runs/create', { experiment_id: '0', run_name: 'first', start_time: 1_000 });
    const { run_id } = (made['run'] as { info: { run_id: string } }).info;
    const metrics = [1, 2, 3].map((step) => ({ key: 'loss', value: 1 / step, timestamp: step, step }));
    const params = [{ key: 'depth', value: '<b>7</b>' }];
    await service.ok('POST', 'runs/log-batch', { run_id, metrics, params });
    await service.ok('POST', 'registered-models/create', { name: 'team@home' });
    await service.ok('POST', 'model-versions/create', { name: 'team@home', source: 's3://b/x', run_id });

    const address = `http://127.0.0.1:${service.daemon.file.port}`;
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`${address}/#/experiments/0/runs/${run_id}`);
    await page.getByRole('alert').getByText('To see this page, run this in a terminal: plinth open').waitFor();

    const opened = await context.newPage();
    opened.setDefaultTimeout(15_000);
    const fragment = new URLSearchParams({ code: await service.client.pageCode(), service: '{"page":"models"}' });
    await opened.goto(`${address}/#${fragment.toString()}`);
    await opened.getByRole('heading', { name: 'first', level: 1 }).waitFor();
    await opened.getByText('<b>7</b>').waitFor();
    await opened.locator('plinth-chart').getByText('loss').first().waitFor();
    await service.ok('POST', 'runs/set-tag', { run_id, key: 'team', value: 'red team' });
    await opened.getByText('red team').waitFor();
    await opened.getByRole('button', { name: '"team@home"@1' }).click();
    await opened.getByRole('heading', { name: 'team@home v1' }).waitFor();
    await context.close();
    expect(service.errors).toEqual([]);
  });
});
