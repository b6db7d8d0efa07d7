import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samples, startService, until, type TestService } from '../support/daemon.ts';
import { hasBrowser, openBrowser } from '../vscode/browser.ts';
import { openPage } from './open-page.ts';

const reason = hasBrowser() ? undefined : 'no Chromium, Chrome or Edge was found, and none came with npm';
if (reason !== undefined) test(`hostile comparisons: ${reason}`, (context) => context.skip(reason));

const long = 'x/'.repeat(150);
const names = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(2)</script>',
  '__proto__',
  'constructor',
  'مقياس الدقة',
  '\u202eevil',
  long,
  'y'.repeat(300),
];

/** Four versions whose metrics, params, curves and texts have every form that a page must bear. */
async function hostileService(): Promise<TestService> {
  const service = await startService();
  for (let number = 1; number <= 4; number += 1) {
    const run = join(service.folder, 'hostile', `run-${number}`);
    mkdirSync(run, { recursive: true });
    const path = join(run, 'model.joblib');
    copyFileSync(join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib'), path);
    const metrics = {
      ...Object.fromEntries(names.map((name, index) => [name, index + number / 10])),
      nan: Number.NaN,
      huge: number * 1e300,
      tiny: number * 1e-300,
      zero: 0,
      ...(number === 2 && { only_in_two: 1 }),
    };
    const text = JSON.stringify(metrics)
      .replace('"nan":null', '"nan":NaN')
      .replace('"zero":0', `"zero":0,"inf":${number % 2 ? 'Infinity' : '-Infinity'}`);
    writeFileSync(join(run, 'metrics.json'), text);
    const params = Object.fromEntries(
      Array.from({ length: 500 }, (_, at) => [`p${at}`, at % 3 === 0 ? at * number : `v${number}`]),
    );
    writeFileSync(join(run, 'params.json'), JSON.stringify(params));
    const rows = [`0,1,${number}`, '1,NaN,', '2,inf,', `3,-1e308,`, `4,1e308,`];
    writeFileSync(join(run, 'metrics.csv'), `step,val/odd,val/one\n${rows.join('\n')}\n`);
    const lines = Array.from({ length: 10_000 }, (_, at) => `key_${at}: ${at * number}`);
    writeFileSync(join(run, 'config.yaml'), lines.join('\n'));
    writeFileSync(join(run, 'binary.yaml'), Buffer.from(Array.from({ length: 2000 }, (_, at) => (at * number) % 256)));
    await service.client.call('POST /register', { path, model: 'hostile', again: true });
  }
  return service;
}

describe.skipIf(reason !== undefined)('hostile comparisons in a browser', { timeout: 180_000 }, () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await openBrowser()), 60_000);
  afterAll(() => browser?.close());

  test('whatever names, numbers, curves and texts are, the page is readable, fits, and runs nothing of them', async () => {
    const service = await hostileService();
    const all = [1, 2, 3, 4].map((number) => `hostile@${number}`);
    await until(async () => {
      const { config } = await service.client.call('GET /compare', { versions: all.join(',') });
      return config.some(({ name }) => name.includes('config.yaml'));
    }, 'the captured texts');
    for (const [count, width, colorScheme] of [
      [2, 1280, 'light'],
      [4, 1280, 'dark'],
      [4, 560, 'light'],
      [4, 360, 'dark'],
    ] as const) {
      const options = { viewport: { width, height: 800 }, colorScheme };
      const place = { page: 'compare', versions: all.slice(0, count) } as const;
      const { page, wrong } = await openPage(browser, service, place, options);
      for (const id of ['explain', 'curves', 'params', 'config'])
        if ((await page.locator(`#${id}`).count()) > 0) {
          await page.locator(`#${id}`).scrollIntoViewIfNeeded();
          await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
        }
      await until(async () => (await page.locator('plinth-chart canvas').count()) > 0, 'a chart');
      await page
        .getByText('The texts differ too much to be compared here.')
        .or(page.locator('.difference'))
        .first()
        .waitFor();
      const wider = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      const state = [count, width, wider, await page.evaluate('globalThis.executed'), wrong];
      expect(state).toEqual([count, width, 0, [], []]);
      await page.context().close();
    }
  });

  test('a link with nonsense opens the comparison as usual', async () => {
    const service = await hostileService();
    const look = { all: 'x', filter: ['a'], hidden: 7, x: 'metric:<b>', zoom: [Number.NaN, 'b'] } as never;
    const { page, wrong } = await openPage(browser, service, {
      page: 'compare',
      versions: ['hostile@1', 'hostile@2'],
      look,
    });
    await page.locator('.judged tbody tr').first().waitFor();
    expect(wrong).toEqual([]);
  });
});
