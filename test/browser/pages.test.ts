import { AxeBuilder } from '@axe-core/playwright';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PageLocation } from '../../webview/protocol.ts';
import { startService, samples, threeVersions, until, type TestService } from '../support/daemon.ts';
import { safetensorsFile } from '../registry/safetensors-file.ts';
import { hasBrowser, openBrowser } from '../vscode/browser.ts';
import { openPage, type Opened } from './open-page.ts';

const reason = hasBrowser() ? undefined : 'no Chromium, Chrome or Edge was found, and none came with npm';
if (reason !== undefined) test(`the pages in a browser: ${reason}`, (context) => context.skip(reason));

describe.skipIf(reason !== undefined)(
  'the pages in a browser',
  () => {
    let browser: Browser;
    beforeAll(async () => void (browser = await openBrowser()), 60_000);
    afterAll(() => browser?.close());

    const open = (at: TestService, service: PageLocation, options = {}): Promise<Opened> =>
      openPage(browser, at, service, options);

    const iris: PageLocation = { page: 'compare', versions: ['iris@1', 'iris@3'] };

    test('models lead to a model, that to a version, and back goes back', async () => {
      const service = await startService();
      await threeVersions(service.client);
      const { page, wrong } = await open(service, { page: 'models' });
      await page.getByRole('heading', { name: 'iris', level: 2 }).getByRole('button').click();
      await page.getByRole('heading', { name: 'iris', level: 1 }).waitFor();
      await page.getByRole('table').getByRole('button', { name: 'v3' }).first().click();
      await page.getByRole('heading', { name: 'iris v3' }).waitFor();
      await page.goBack();
      await page.getByRole('heading', { name: 'iris', exact: true, level: 1 }).waitFor();
      expect(wrong).toEqual([]);
    });

    test('a comparison shows differences only, and all when asked', async () => {
      const service = await startService();
      await threeVersions(service.client);
      const { page } = await open(service, iris);
      const params = page.locator('section', { has: page.getByRole('heading', { name: 'Parameters' }) });
      const rows = params.locator('tbody tr');
      expect(await rows.count()).toBeLessThan(6);
      await page.getByRole('checkbox', { name: 'Only differences' }).uncheck();
      await until(async () => (await rows.count()) > 15, 'all rows');
      await page.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name: 'Reverse Order' }).click();
      await page.getByRole('heading', { name: 'iris v3 ↔ v1' }).waitFor();
    });

    test('a version is promoted and the answer takes it back', async () => {
      const service = await startService();
      await threeVersions(service.client);
      const { page } = await open(service, { page: 'version', model: 'iris', version: '2' });
      await page.getByRole('button', { name: 'Promote…' }).click();
      await page.getByLabel('Reason (optional)').fill('better');
      await page.keyboard.press('Enter');
      await page.getByText('iris production is now v2 (was empty).').waitFor();
      await page.getByText('production', { exact: false }).first().waitFor();
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('Undone.').waitFor();
      const { pointers } = await service.client.call('GET /models/:model', { model: 'iris' });
      expect(pointers[0]?.holder).toBeNull();
    });

    test('a stage is rolled back from the page of its model', async () => {
      const service = await startService();
      await threeVersions(service.client);
      for (const version of ['1', '2'])
        await service.client.call('POST /models/:model/versions/:version/promote', {
          model: 'iris',
          version,
          stage: 'production',
        });
      const { page } = await open(service, { page: 'model', model: 'iris' });
      await page.getByRole('button', { name: 'Roll back production' }).click();
      await page.getByRole('button', { name: 'Roll Back', exact: true }).click();
      await page.getByText('Rolled back iris production to v1 (was v2); checksum verified.').waitFor();
    });

    test('a link lets one page in, once', async () => {
      const { client, daemon } = await startService();
      const code = await client.pageCode();
      const enter = (): Promise<Response> =>
        fetch(`http://127.0.0.1:${daemon.file.port}/pages/session`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ code }),
        });
      expect((await enter()).status).toBe(200);
      expect((await enter()).status).toBe(401);
    });

    test('while the service is away the page says so, and comes back by itself', async () => {
      const service = await startService();
      await threeVersions(service.client);
      const { page } = await open(service, { page: 'model', model: 'iris' });
      await page.waitForTimeout(500);
      await service.daemon.stop();
      await page.getByRole('alert').waitFor();
      expect(await page.getByRole('heading', { name: 'iris', level: 1 }).count()).toBe(1);
    });

    const hostile = [
      '<img src=x onerror=alert(1)>',
      '"><script>alert(2)</script>',
      'javascript:alert(3)',
      '</table><svg onload=alert(4)>',
      '${alert(5)}',
      '{{constructor.constructor("alert(6)")()}}',
      '\u202ealert(7)',
      "' onmouseover='alert(8)",
      '<iframe srcdoc="<script>parent.alert(9)</script>">',
      '__proto__',
    ];

    test('no name, tag, metric or comment is ever more than text', async () => {
      const service = await startService();
      const folder = join(service.out, 'm');
      mkdirSync(folder);
      copyFileSync(
        join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib'),
        join(folder, 'model.joblib'),
      );
      writeFileSync(
        join(folder, 'metrics.json'),
        JSON.stringify(Object.fromEntries(hostile.map((name, index) => [name, index + 0.5]))),
      );
      const model = '<img src=x onerror=alert(0)>';
      await service.client.call('POST /register', { path: join(folder, 'model.joblib'), model: 'hostile' });
      await service.client.call('POST /models/:model/rename', { model: 'hostile', name: model });
      const of = { model, version: '1' };
      for (const [index, text] of hostile.entries()) {
        await service.client.call('POST /models/:model/versions/:version/tag', {
          ...of,
          key: `k${index}`,
          value: text,
        });
        await service.client.call('POST /models/:model/versions/:version/comment', { ...of, text });
      }
      await service.client.call('POST /models/:model/versions/:version/describe', {
        ...of,
        description: hostile.join(' '),
      });
      const card = `${hostile.join('\n\n')}\n\n[a](javascript:alert(10)) ![b](http://127.0.0.1:1/b.png)`;
      await service.client.call('POST /models/:model/card', { model, text: card });
      for (const to of [
        { page: 'models' },
        { page: 'model', model },
        { page: 'version', ...of },
        { page: 'lineage', ...of },
      ] as PageLocation[]) {
        const { page, wrong } = await open(service, to);
        await page.waitForTimeout(200);
        expect([to.page, await page.evaluate('globalThis.executed'), wrong]).toEqual([to.page, [], []]);
      }
    });

    test('tensors and the times of holders are drawn without a style that the policy refuses', async () => {
      const service = await startService();
      await threeVersions(service.client);
      const path = join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors');
      await service.client.call('POST /register', { path, model: 'digits' });
      for (const version of ['1', '2', '1'])
        await service.client.call('POST /models/:model/versions/:version/promote', {
          model: 'iris',
          version,
          stage: 'production',
        });
      const model = await open(service, { page: 'model', model: 'iris' });
      await until(async () => (await model.page.locator('.lane-bar rect').count()) === 3, 'a bar for each period');
      const digits = await open(service, { page: 'version', model: 'digits', version: '1' });
      await digits.page.getByRole('table', { name: 'Tensors' }).getByText('fc1.weight').waitFor();
      expect([...model.wrong, ...digits.wrong]).toEqual([]);
    });

    test('how far tensors moved is measured when somebody asks', async () => {
      const service = await startService();
      for (const name of ['digits-mlp-a', 'digits-mlp-b']) {
        const path = join(samples, 'pytorch', name, 'model.safetensors');
        await service.client.call('POST /register', { path, model: 'digits' });
      }
      const { page, wrong } = await open(service, { page: 'compare', versions: ['digits@1', 'digits@2'] });
      await page.getByRole('button', { name: 'Measure' }).click();
      await page.getByRole('table', { name: 'Layers' }).getByText('fc2').first().waitFor();
      expect(wrong).toEqual([]);
    });

    test('the layers of a model are a map: the larger a layer, the larger its area', async () => {
      const service = await startService();
      for (const step of [0, 1]) {
        const path = join(service.folder, `v${step}.safetensors`);
        const layer = (size: number): Float32Array => new Float32Array(size).fill(1 + step / size);
        const tensors = { 'embed.weight': layer(6000), 'body.weight': layer(3000), 'head.weight': layer(1000) };
        writeFileSync(path, safetensorsFile(tensors));
        await service.client.call('POST /register', { path, model: 'mapped' });
      }
      const { page, wrong } = await open(service, { page: 'compare', versions: ['mapped@1', 'mapped@2'] });
      await page.getByRole('button', { name: 'Measure' }).click();
      const map = page.getByRole('img', { name: 'Change of each layer' });
      await map.locator('rect').nth(2).waitFor();
      const boxes = await map.locator('rect').evaluateAll((all) => all.map((one) => one.getBoundingClientRect()));
      const areas = boxes.map(({ width, height }) => width * height);
      expect(areas.map((area) => Number((area / areas[2]!).toFixed(1)))).toEqual([6, 3, 1]);
      await map.locator('rect').first().hover();
      await page.locator('plinth-weight-map .count', { hasText: 'embed · 6,000 parameters' }).waitFor();
      expect(wrong).toEqual([]);
    });

    test('a card is written, and read as its Markdown says', async () => {
      const service = await startService();
      await threeVersions(service.client);
      const { page, wrong } = await open(service, { page: 'model', model: 'iris' });
      await page.getByRole('button', { name: 'Edit Card' }).click();
      await page.getByLabel('Markdown').fill('---\nowner: ana\n---\n## Limitations\n\nOnly **flowers**.');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.locator('.card strong', { hasText: 'flowers' }).waitFor();
      await page.getByText('2 of 6 filled in').waitFor();
      expect(await page.locator('.card img').count()).toBe(0);
      expect(wrong).toEqual([]);
    });

    test.each([
      ['light', 'none'],
      ['dark', 'none'],
      ['light', 'active'],
      ['dark', 'active'],
    ] as const)(
      'axe finds nothing serious on any page, nor does its policy refuse anything: %s, forced colors %s',
      async (colorScheme, forcedColors) => {
        const service = await startService();
        await threeVersions(service.client);
        await service.client.call('POST /models/:model/versions/:version/promote', {
          model: 'iris',
          version: '2',
          stage: 'production',
        });
        const version = { model: 'iris', version: '3' };
        for (const to of [
          iris,
          { page: 'models' },
          { page: 'model', model: 'iris' },
          { page: 'version', ...version },
          { page: 'lineage', ...version },
        ] as PageLocation[]) {
          const { page, wrong } = await open(service, to, { colorScheme, forcedColors });
          const { violations } = await new AxeBuilder({ page }).analyze();
          const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
          expect([to.page, serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)]).toEqual([to.page, []]);
          expect([to.page, wrong]).toEqual([to.page, []]);
        }
      },
    );

    test('a browser of the C locale, whose language Intl refuses, shows the pages too', async () => {
      const service = await startService();
      await threeVersions(service.client);
      const before = `Object.defineProperty(Navigator.prototype, 'language', { get: () => 'en-US@posix', configurable: true });`;
      const { wrong } = await open(service, iris, { before });
      expect(wrong).toEqual([]);
    });

    test('every page fits 300 pixels', async () => {
      const service = await startService();
      await threeVersions(service.client);
      const version = { model: 'iris', version: '3' };
      for (const to of [
        iris,
        { page: 'models' },
        { page: 'model', model: 'iris' },
        { page: 'version', ...version },
        { page: 'lineage', ...version },
      ] as PageLocation[]) {
        const { page } = await open(service, to, { viewport: { width: 300, height: 700 } });
        const wider = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        expect([to.page, wider]).toEqual([to.page, 0]);
      }
    });
  },
  90_000,
);
