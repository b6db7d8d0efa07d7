import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findDaemon } from '../../daemon/clients/client/discover.ts';
import { connect } from '../../daemon/clients/client/request.ts';
import { until } from '../support/daemon.ts';
import { choose, command, expand, menu, openFile, openFromMenu, openModels, option, row, toast } from './actions.ts';
import { iris, trainingOutputs } from './outputs.ts';
import { keepFailures, picture } from './pictures.ts';
import { inOneWindow, missing, openWorkbench, type Workbench } from './workbench.ts';

const reason = missing();
const vsix = process.env['PLINTH_VSIX'];
const limit = { timeout: 120_000 };

const code = `import mlflow.sklearn

# What answers requests, and what it is measured against.
model = mlflow.sklearn.load_model("models:/iris/production")
champion = mlflow.sklearn.load_model("models:/iris@champion")
baseline = mlflow.sklearn.load_model("models:/iris/1")


def predict(rows):
    return model.predict(rows), baseline.predict(rows)
`;

const policy = `models:
  - match: iris
    gates:
      production:
        - gate: metric
          metric: accuracy
          at_least: 0.95
        - gate: metric
          metric: log_loss
          at_most: 0.15
        - gate: no_regression
          metric: accuracy
`;

if (reason !== undefined) test(`code that names models: ${reason}`, (context) => context.skip(reason));

describe.skipIf(reason !== undefined)('in code that names models', inOneWindow, () => {
  let workbench: Workbench;
  const source = reason === undefined ? trainingOutputs({ iris }) : '';
  keepFailures(() => workbench);

  beforeAll(async () => {
    workbench = await openWorkbench({ workspace: source, ...(vsix === undefined ? {} : { vsix }) });
    const { page, workspace, dataFolder } = workbench;
    await openModels(page);
    await expand(page, /^iris/);
    await row(page, /^v3 /).waitFor();
    const daemon = await until(() => findDaemon(dataFolder), 'the service');
    for (const place of [{ stage: 'production' }, { alias: 'champion' }]) {
      const request = { model: 'iris', version: '2', ...place };
      await connect(daemon, 'cli').call('POST /models/:model/versions/:version/promote', request);
    }
    writeFileSync(join(workspace, 'plinth.yaml'), policy);
    writeFileSync(join(workspace, 'serve.py'), code);
    writeFileSync(join(workspace, 'values.yaml'), 'image: serve\nmodel: models:/iris/production\n');
  }, 400_000);

  afterAll(() => workbench?.close());

  test('a pin that production has left behind has a lens above it, and a reference its card', limit, async () => {
    const { page } = workbench;
    await openFile(page, 'serve.py');
    await lens(page, 'v1 pinned · 1 behind production').waitFor();
    const card = await until(async () => {
      const shown = await hover(page, 'models:/iris/1');
      const text = (await shown.innerText()).replaceAll('\u00a0', ' ');
      return text.includes('gates pass') && text;
    }, 'a card with gates');
    await picture(page, 'code', 'where it is');
    expect(card).toContain('iris v1 · development · 1 behind production');
    expect(card).toContain('production: 2 of 3 gates pass · fails: log_loss ≤ 0.15');
    for (const link of ['Open', 'Compare', 'History'])
      await page.locator('.monaco-hover').getByRole('link', { name: link, exact: true }).waitFor();
  });

  test('a plinth.yaml tells how many versions each stage and each gate would let pass', limit, async () => {
    const { page } = workbench;
    await openFile(page, 'plinth.yaml');
    await lens(page, 'would pass: 2 of 3 versions').first().waitFor();
    await picture(page, 'policy');
    const drawn = async (): Promise<string> =>
      (await page.locator('.codelens-decoration').allInnerTexts()).toSorted().join('; ').replaceAll('\u00a0', ' ');
    const wanted = ['2 of 3', '2 of 3', '3 of 3', '3 of 3'].map((count) => `would pass: ${count} versions`).join('; ');
    await until(async () => (await drawn()) === wanted, wanted);
  });

  test('the review of a promotion names the files that would see it', limit, async () => {
    const { page } = workbench;
    await menu(page, row(page, /^v3 /), /^Promote/);
    await choose(page, 'production');
    await option(page, '2 references in 2 files load iris@production').waitFor();
    await option(page, 'serve.py, values.yaml').waitFor();
    await picture(page, 'impact');
    await page.keyboard.press('Escape');
  });

  test('a row of the tree shows who loads it, beside the code', limit, async () => {
    const { page } = workbench;
    await menu(page, row(page, /^production → v2/), /^Find References in Workspace/);
    await page.locator('.peekview-widget').getByText('serve.py').first().waitFor();
    await picture(page, 'references');
    await page.keyboard.press('Escape');
  });

  test("a model's page counts the references of the workspace, and leads to them", limit, async () => {
    const { page } = workbench;
    const count = await openFromMenu(page, row(page, /^iris/), /^Open Model/, (inner) =>
      inner.getByRole('button', { name: '4 references in this workspace' }),
    );
    await count.click();
    await page.locator('.peekview-widget').getByText('values.yaml').first().waitFor();
    await command(page, 'View: Close All Editors');
  });

  test('an alias is renamed where code names it, and in the registry when the person says so', limit, async () => {
    const { page } = workbench;
    await openFile(page, 'serve.py');
    await lens(page, 'v1 pinned · 1 behind production').waitFor();
    await until(async () => {
      const line = await page.locator('.view-line span span', { hasText: 'iris@champion' }).last().boundingBox();
      await page.mouse.click((line?.x ?? 0) + (line?.width ?? 0) - 15, (line?.y ?? 0) + (line?.height ?? 0) / 2);
      await page.keyboard.press('F2');
      return page
        .locator('.rename-box input:focus')
        .waitFor({ timeout: 3000 })
        .then(
          () => true,
          () => false,
        );
    }, 'the box for the new name');
    await page.keyboard.type('best');
    await page.keyboard.press('Enter');
    await page.locator('.view-line').filter({ hasText: 'iris@best' }).first().waitFor();
    await toast(page, 'Renamed alias @champion to @best in these files.').waitFor();
    await page.locator('.notification-toast').getByRole('button', { name: 'Rename in Registry' }).click();
    await row(page, /^@best → v2/).waitFor();
    await row(page, /^@champion/).waitFor({ state: 'detached' });
  });
});

function lens(page: Page, text: string): Locator {
  return page.locator('.codelens-decoration').filter({ hasText: text.replaceAll(' ', '\u00a0') });
}

/** Hovers over a text in the open file and returns the card. */
async function hover(page: Page, text: string): Promise<Locator> {
  const box = await page.locator('.view-line span span', { hasText: text }).last().boundingBox();
  await page.mouse.move(900, 780);
  await page.waitForTimeout(300);
  await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2);
  const shown = page.locator('.monaco-hover:visible').first();
  await shown.waitFor();
  return shown;
}
