import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../daemon/client/request.ts';
import { findDaemon } from '../../daemon/client/discover.ts';
import type { Pointer } from '../../daemon/protocol/model.ts';
import { samples, until } from '../here.ts';
import { choose, command, menu, missing, openModels, openWorkbench, option, row, type Workbench } from './workbench.ts';

const reason = missing();
const pictures = process.env['PLINTH_PICTURES'];

if (reason !== undefined) test(`the workbench: ${reason}`, (context) => context.skip(reason));

describe.skipIf(reason !== undefined)('in a real VS Code workbench', () => {
  let workbench: Workbench;
  let source: string;

  beforeAll(async () => {
    source = mkdtempSync(join(tmpdir(), 'plinth-workspace-'));
    for (const run of ['v1', 'v2', 'v3']) {
      const target = join(source, 'outputs', 'iris', run);
      mkdirSync(target, { recursive: true });
      for (const file of ['model.joblib', 'metrics.json', 'params.yaml'])
        cpSync(join(samples, 'sklearn', 'iris-script', 'outputs', run, file), join(target, file));
    }
    const vsix = process.env['PLINTH_VSIX'];
    workbench = await openWorkbench({ workspace: source, ...(vsix === undefined ? {} : { vsix }) });
  }, 400_000);

  afterAll(async () => {
    await workbench?.close();
    rmSync(source, { recursive: true, force: true });
  });

  async function picture(name: string): Promise<void> {
    if (pictures !== undefined) await workbench.page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  async function production(): Promise<Pointer | undefined> {
    const daemon = await findDaemon(workbench.dataFolder);
    if (!daemon) return undefined;
    const model = await connect(daemon, 'test').call('GET /models/:model', { model: 'iris' });
    return model.pointers.find(({ name }) => name === 'production');
  }

  async function promote(version: string): Promise<void> {
    const { page } = workbench;
    await menu(page, row(page, new RegExp(`^${version} `)), /^Promote/);
    await choose(page, 'production');
    await page
      .locator('.quick-input-widget')
      .getByText('Why')
      .or(page.locator('.quick-input-widget input[placeholder^=Why]'))
      .first()
      .waitFor();
    await page.keyboard.type(`trying ${version}`);
    await picture('promote');
    await page.keyboard.press('Enter');
    await until(async () => (await production())?.holder === Number(version.slice(1)), `${version} in production`);
  }

  test(
    'opening the view watches the workspace, and the models of the folder stand in the tree',
    { timeout: 120_000 },
    async () => {
      const { page } = workbench;
      await openModels(page);
      await row(page, /^iris/).waitFor({ timeout: 20_000 });
      await row(page, /^iris/).click();
      for (const version of ['v1', 'v2', 'v3']) await row(page, new RegExp(`^${version} `)).waitFor();
      await picture('models');
    },
  );

  test('a version is promoted from its menu, and the answer offers to undo it', { timeout: 120_000 }, async () => {
    await promote('v1');
    await promote('v2');
    await row(workbench.page, /^production → v2/).waitFor();
    await workbench.page.locator('.notifications-toasts').getByText('iris production is now v2 (was v1).').waitFor();
    await picture('promoted');
  });

  test(
    'rolling back takes Enter once from the stage row, and the target is the earlier holder',
    { timeout: 120_000 },
    async () => {
      const { page } = workbench;
      await menu(page, row(page, /^production → v2/), /^Roll Back/);
      await option(page, 'v1').waitFor();
      await picture('roll-back');
      await page.keyboard.press('Enter');
      await row(page, /^production → v1/).waitFor();
      await picture('rolled-back');
      expect((await production())?.holder).toBe(1);
    },
  );

  test('the keyboard alone undoes the last transition', { timeout: 120_000 }, async () => {
    await command(workbench.page, 'Models: Undo Last Transition');
    await row(workbench.page, /^production → v2/).waitFor();
    expect((await production())?.holder).toBe(2);
  });

  test('two windows agree without being touched', { timeout: 150_000 }, async () => {
    const other = await workbench.another();
    await openModels(other);
    await row(other, /^iris/).click();
    await row(other, /^production → v2/).waitFor();
    const daemon = await findDaemon(workbench.dataFolder);
    await connect(daemon!, 'test').call('POST /models/:model/versions/:version/promote', {
      model: 'iris',
      version: '3',
      stage: 'production',
    });
    for (const page of [workbench.page, other]) await row(page, /^production → v3/).waitFor();
    await other.close();
  });

  test('the comparison page shows differences only, and all when asked', { timeout: 120_000 }, async () => {
    const { page } = workbench;
    await menu(page, row(page, /^v1 /), /^Compare with Production/);
    const frame = page.frameLocator('iframe.webview.ready').first().frameLocator('iframe#active-frame');
    await frame.getByRole('heading', { name: 'iris@3 ↔ iris@1' }).waitFor();
    await picture('compare');
    expect(await frame.locator('tr.same:visible').count()).toBe(0);
    await frame.getByLabel('Only differences').uncheck();
    expect(await frame.locator('tr.same:visible').count()).toBeGreaterThan(0);
  });

  test('a killed service comes back by itself, with nothing lost', { timeout: 120_000 }, async () => {
    const before = await findDaemon(workbench.dataFolder);
    process.kill(before!.pid, 'SIGKILL');
    const after = await until(
      async () => {
        const daemon = await findDaemon(workbench.dataFolder);
        return daemon && daemon.pid !== before!.pid && daemon;
      },
      'another service',
      30_000,
    );
    expect(after.pid).not.toBe(before!.pid);
    await row(workbench.page, /^production → v3/).waitFor();
    expect((await production())?.holder).toBe(3);
  });
});
