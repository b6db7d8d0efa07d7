import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findDaemon } from '../../daemon/clients/client/discover.ts';
import { connect, type Client } from '../../daemon/clients/client/request.ts';
import type { Pointer } from '../../daemon/protocol/model.ts';
import { samples, until } from '../support/daemon.ts';
import {
  acceptReview,
  activePage,
  asked,
  choose,
  clearToasts,
  command,
  enter,
  expand,
  menu,
  openFile,
  openFromMenu,
  openModels,
  option,
  row,
  toast,
  toasts,
} from './actions.ts';
import { seriousFindings, themes, wear } from './axe.ts';
import { breastCancer, iris, trainingOutputs } from './outputs.ts';
import { keepFailures, picture } from './pictures.ts';
import { inOneWindow, missing, openWorkbench, type Workbench } from './workbench.ts';

const reason = missing();
const vsix = process.env['PLINTH_VSIX'];
const limit = { timeout: 120_000 };

if (reason !== undefined) test(`the workbench: ${reason}`, (context) => context.skip(reason));

describe.skipIf(reason !== undefined)('in a real VS Code workbench', inOneWindow, () => {
  let workbench: Workbench;
  const source = reason === undefined ? trainingOutputs({ iris, 'breast-cancer': breastCancer }) : '';
  keepFailures(() => workbench);

  beforeAll(async () => {
    workbench = await openWorkbench({ workspace: source, ...(vsix === undefined ? {} : { vsix }) });
  }, 400_000);

  afterAll(() => workbench?.close());

  async function client(): Promise<Client | undefined> {
    const daemon = await findDaemon(workbench.dataFolder);
    return daemon && connect(daemon, 'cli');
  }

  async function production(): Promise<Pointer | undefined> {
    const model = await (await client())?.call('GET /models/:model', { model: 'iris' });
    return model?.pointers.find(({ name }) => name === 'production');
  }

  /** Promotes with another client while the window is open. */
  async function promoteElsewhere(version: number): Promise<void> {
    const request = { model: 'iris', version: String(version), stage: 'production' };
    await (await client())?.call('POST /models/:model/versions/:version/promote', request);
  }

  /** Brings a version to production and waits until the window shows it. Tests begin with this. */
  async function beginWith(version: number): Promise<void> {
    if ((await production())?.holder !== version) await promoteElsewhere(version);
    await expand(workbench.page, /^iris/);
    await row(workbench.page, new RegExp(`^production → v${version}`)).waitFor();
  }

  async function promote(version: string, why: string): Promise<void> {
    const { page } = workbench;
    await menu(page, row(page, new RegExp(`^${version} `)), /^Promote/);
    await option(page, 'production').waitFor();
    await picture(page, 'promote');
    await choose(page, 'production');
    await option(page, 'Promote…').waitFor();
    await picture(page, 'promote-review');
    await acceptReview(page);
    await enter(page, why);
    await until(async () => (await production())?.holder === Number(version.slice(1)), `${version} in production`);
  }

  async function openIris(): Promise<void> {
    const { page } = workbench;
    await openFromMenu(page, row(page, /^iris/), /^Open Model/, (inner) =>
      inner.getByRole('heading', { name: 'iris', level: 1, exact: true }),
    );
  }

  /** Returns what axe finds in the active page. Repeats this when the page has only just replaced the one before. */
  async function findingsInFront(): Promise<string[]> {
    let findings: string[] | undefined;
    await until(async () => {
      const element = await activePage(workbench.page).owner().elementHandle();
      const frame = await element?.contentFrame().catch(() => null);
      findings = frame ? await seriousFindings(frame, 'body').catch(ifDetached) : undefined;
      return findings !== undefined;
    }, 'a page that stays');
    return findings ?? [];
  }

  /** Returns what axe finds in the active page in each of the four themes. */
  async function findingsInThemes(): Promise<string[]> {
    const findings: string[] = [];
    for (const theme of Object.keys(themes) as (keyof typeof themes)[]) {
      await wear(workbench.page, theme);
      await workbench.page.waitForTimeout(500);
      findings.push(...(await findingsInFront()).map((finding) => `${theme}: ${finding}`));
    }
    await wear(workbench.page, 'Light Modern');
    return findings;
  }

  test('opening the view watches the workspace, and its models stand in the tree', limit, async () => {
    const { page } = workbench;
    const started = performance.now();
    await openModels(page);
    await row(page, /^iris/).waitFor({ timeout: 20_000 });
    console.log(`view opened → first model drawn: ${Math.round(performance.now() - started)} ms`);
    await row(page, /^breast-cancer/).waitFor();
    await expand(page, /^iris/);
    for (const version of ['v1', 'v2', 'v3']) await row(page, new RegExp(`^${version} `)).waitFor();
    expect(await toasts(page)).toEqual([]);
  });

  test('a version opens to its metrics and parameters', limit, async () => {
    const { page } = workbench;
    await expand(page, /^v3 /);
    await expand(page, /^Metrics/);
    await row(page, /^log_loss 0\.1391/).waitFor();
    await row(page, /^Parameters/).waitFor();
    await picture(page, 'models');
    await row(page, /^v3 /).locator('.monaco-tl-twistie').click();
    await row(page, /^Metrics/).waitFor({ state: 'detached' });
  });

  test('a version is promoted from its menu, and the answer offers to undo it', limit, async () => {
    await promote('v1', 'first one that works');
    await clearToasts(workbench.page);
    await promote('v2', 'better log loss');
    await row(workbench.page, /^production → v2/).waitFor();
    await toast(workbench.page, 'iris production is now v2 (was v1).').waitFor();
    await picture(workbench.page, 'promoted');
    await clearToasts(workbench.page);
  });

  test('rolling back takes Enter once from the stage row, and Undo in the answer takes it back', limit, async () => {
    const { page } = workbench;
    await menu(page, row(page, /^production → v2/), /^Roll Back/);
    await option(page, 'v1').waitFor();
    await option(page, '“first one that works”').waitFor();
    await picture(page, 'roll-back');
    await enter(page);
    await row(page, /^production → v1/).waitFor();
    expect((await production())?.holder).toBe(1);
    await page.locator('.notification-toast').first().waitFor();
    await picture(page, 'rolled-back');
    await page.locator('.notification-toast').getByRole('button', { name: 'Undo' }).first().click();
    await row(page, /^production → v2/).waitFor();
    expect((await production())?.holder).toBe(2);
    await clearToasts(page);
  });

  test('Enter cancels a deletion, and a version that is in use cannot be deleted', limit, async () => {
    await beginWith(2);
    const { page } = workbench;
    await menu(page, row(page, /^v2 /), /^Delete/);
    await option(page, 'v2 is the current version of production').waitFor();
    await picture(page, 'delete-held');
    await page.keyboard.press('Escape');
    await menu(page, row(page, /^v1 /), /^Delete/);
    await option(page, 'Delete iris v1').waitFor();
    await option(page, 'production can no longer be rolled back to v1').waitFor();
    await picture(page, 'delete');
    await enter(page);
    await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    const kept = await (await client())?.call('GET /models/:model/versions/:version', { model: 'iris', version: '1' });
    expect(kept?.version.state).toBe('ready');
  });

  test('the keyboard alone promotes and undoes', limit, async () => {
    await beginWith(2);
    const { page } = workbench;
    await command(page, 'Models: Promote…');
    for (const [title, choice] of [
      [/^Model$/, 'iris'],
      [/^Version of iris$/, 'v3'],
      [/^Select a stage or alias$/, 'production'],
    ] as const) {
      await asked(page, title);
      await choose(page, choice);
    }
    await acceptReview(page);
    await enter(page);
    await row(page, /^production → v3/).waitFor();
    await command(page, 'Models: Undo Last Change');
    await row(page, /^production → v2/).waitFor();
    expect((await production())?.holder).toBe(2);
    await clearToasts(page);
  });

  test('the arrow keys walk the tree, and open and close its rows', limit, async () => {
    const { page } = workbench;
    await command(page, 'Models: Focus on Models View');
    await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    await page.waitForTimeout(500);
    await page.locator('.part.sidebar .monaco-list:focus').waitFor();
    await page.keyboard.press('Home');
    const first = page.locator('.part.sidebar').getByRole('treeitem').first();
    for (const [key, state] of [
      ['ArrowLeft', 'false'],
      ['ArrowRight', 'true'],
      ['ArrowLeft', 'false'],
    ] as const) {
      await page.keyboard.press(key);
      await until(async () => (await first.getAttribute('aria-expanded')) === state, `${state} after ${key}`);
    }
  });

  test('a holder that changed meanwhile is shown, and promoted over when asked', limit, async () => {
    await beginWith(2);
    const { page } = workbench;
    await menu(page, row(page, /^v3 /), /^Promote/);
    await choose(page, 'production');
    await acceptReview(page);
    await promoteElsewhere(1);
    await enter(page);
    await toast(page, /changed to v1/).waitFor();
    await picture(page, 'conflict');
    expect((await production())?.holder).toBe(1);
    await page.locator('.notification-toast').getByRole('button', { name: 'Promote Anyway' }).click();
    await row(page, /^production → v3/).waitFor();
    await clearToasts(page);
  });

  test('two windows agree without being touched', limit, async () => {
    await beginWith(3);
    const other = await workbench.another();
    await openModels(other);
    await expand(other, /^iris/);
    await row(other, /^production → v3/).waitFor();
    await promoteElsewhere(2);
    for (const page of [workbench.page, other]) await row(page, /^production → v2/).waitFor();
    await other.close();
  });

  test('the comparison page shows differences only, and all when asked', limit, async () => {
    await beginWith(2);
    const { page } = workbench;
    await menu(page, row(page, /^v1 /), /^Compare with Production/);
    const frame = activePage(workbench.page);
    await frame.getByRole('heading', { level: 1 }).waitFor();
    await picture(page, 'compare');
    const differing = await frame.getByRole('row').count();
    await frame.getByLabel('Only differences').uncheck();
    expect(await frame.getByRole('row').count()).toBeGreaterThan(differing);
  });

  test('axe finds nothing serious in the comparison page in any of the four themes', limit, async () => {
    expect(await findingsInThemes()).toEqual([]);
  });

  test('a version and its model open as pages, and a model file as what it holds', limit, async () => {
    const { page } = workbench;
    await openFromMenu(page, row(page, /^v2 /), /^Open Version/, (inner) =>
      inner.getByRole('heading', { name: 'iris v2', level: 1 }),
    );
    await picture(page, 'version');
    expect(await findingsInFront()).toEqual([]);
    await activePage(page).getByRole('button', { name: 'Show graph' }).click();
    await activePage(page).locator('.node.version').first().waitFor();
    expect(await findingsInThemes()).toEqual([]);
    await openIris();
    await picture(page, 'model');
    expect(await findingsInFront()).toEqual([]);
    await openFile(page, 'v1/model.joblib');
    await activePage(workbench.page).getByText('RandomForestClassifier', { exact: true }).first().waitFor();
    await picture(page, 'inspector');
    expect(await findingsInThemes()).toEqual([]);
    await activePage(workbench.page).getByRole('button', { name: 'iris@1' }).waitFor();
    await command(page, 'View: Close All Editors');
  });

  test('axe finds nothing serious in the Models view', limit, async () => {
    expect(await seriousFindings(workbench.page, '.part.sidebar .pane-body')).toEqual([]);
  });

  test('Activity tells what happened, newest first, and takes it back', limit, async () => {
    await beginWith(3);
    await promoteElsewhere(2);
    const { page } = workbench;
    await page
      .locator('.part.sidebar')
      .getByRole('button', { name: /^Activity Section/ })
      .click();
    await expand(page, /^Today/);
    await row(page, /^production of iris: v3 → v2/).waitFor();
    await page
      .locator('.part.sidebar')
      .getByRole('button', { name: /^Compare Section/ })
      .click();
    await picture(page, 'activity');
    await menu(page, row(page, /^production of iris: v3 → v2/), /^Undo/);
    await row(page, /^production → v3/).waitFor();
    expect((await production())?.holder).toBe(3);
  });

  test('whatever happens by itself, nothing pops up', limit, async () => {
    const { page } = workbench;
    await clearToasts(page);
    await page.evaluate(`globalThis.toasts = [];
      new MutationObserver(() => {
        for (const toast of document.querySelectorAll('.notification-toast')) globalThis.toasts.push(toast.textContent);
      }).observe(document.body, { childList: true, subtree: true })`);
    const before = await (await client())?.call('GET /status', {});
    for (const name of ['first', 'second']) {
      const bytes = readFileSync(join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors'));
      bytes.write(name, bytes.length - 8);
      mkdirSync(join(workbench.workspace, name));
      writeFileSync(join(workbench.workspace, name, 'model.safetensors'), bytes);
    }
    writeFileSync(join(workbench.workspace, 'broken.safetensors'), 'not one at all');
    await until(
      async () => ((await (await client())?.call('GET /status', {}))?.versions ?? 0) > before!.versions,
      'versions',
    );
    await (await client())?.call('POST /scan', {});
    await promoteElsewhere(1);
    process.kill((await findDaemon(workbench.dataFolder))!.pid, 'SIGKILL');
    await until(async () => (await client()) !== undefined, 'the service', 30_000);
    await promoteElsewhere(3);
    await row(page, /^production → v3/).waitFor();
    expect(await page.evaluate('globalThis.toasts')).toEqual([]);
  });

  test('a page says that the service is stopped, and shows what is true when it runs again', limit, async () => {
    await beginWith(3);
    const { page } = workbench;
    await openIris();
    await command(page, 'Models: Stop Registry Service');
    await activePage(page).getByRole('alert').waitFor();
    await activePage(page).getByRole('heading', { name: 'iris', level: 1, exact: true }).waitFor();
    await command(page, 'Models: Start Registry Service');
    await activePage(page).getByRole('alert').waitFor({ state: 'detached' });
    await command(page, 'View: Close All Editors');
  });

  test('a killed service comes back by itself, with nothing lost', limit, async () => {
    await beginWith(3);
    const before = await findDaemon(workbench.dataFolder);
    process.kill(before!.pid, 'SIGKILL');
    const another = async (): Promise<number | false> => {
      const daemon = await findDaemon(workbench.dataFolder);
      return daemon !== undefined && daemon.pid !== before!.pid && daemon.pid;
    };
    await until(another, 'another service', 30_000);
    await row(workbench.page, /^production → v3/).waitFor();
    expect((await production())?.holder).toBe(3);
  });
});

function ifDetached(error: Error): undefined {
  if (!error.message.includes('detached')) throw error;
}
