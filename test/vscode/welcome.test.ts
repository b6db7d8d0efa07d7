import { existsSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { findDaemon } from '../../daemon/clients/client/discover.ts';
import { openModels, row, toasts } from './actions.ts';
import { iris, trainingOutputs } from './outputs.ts';
import { keepFailures, picture } from './pictures.ts';
import { inOneWindow, missing, openWorkbench, type Wanted, type Workbench } from './workbench.ts';

const reason = missing();
const vsix = process.env['PLINTH_VSIX'];
const limit = { timeout: 120_000 };

if (reason !== undefined) test(`the welcome states: ${reason}`, (context) => context.skip(reason));

describe.skipIf(reason !== undefined)('where there are no models', inOneWindow, () => {
  let workbench: Workbench;
  afterEach(() => workbench?.close());
  keepFailures(() => workbench);

  async function open(wanted: Wanted): Promise<Workbench> {
    workbench = await openWorkbench({ ...wanted, ...(vsix === undefined ? {} : { vsix }) });
    await openModels(workbench.page);
    return workbench;
  }

  test('an empty watched folder says so, and how to ask why', limit, async () => {
    const { page } = await open({});
    const view = page.locator('.part.sidebar .welcome-view').first();
    await view.getByText(/No models found yet/).waitFor();
    await picture(page, 'watching');
    expect(await toasts(page)).toEqual([]);
  });

  test('with nothing watched it offers a sample, whose models stand in the tree after one click', limit, async () => {
    const { page } = await open({ settings: { 'plinth.watch.workspaceFolders': false } });
    const view = page.locator('.part.sidebar .welcome-view').first();
    await view.getByRole('button', { name: 'Create Sample Registry' }).waitFor();
    await picture(page, 'welcome');
    await view.getByRole('button', { name: 'Create Sample Registry' }).click();
    await row(page, /^iris/).waitFor();
    await row(page, /^breast-cancer/).waitFor();
  });

  test('Restricted Mode says that nothing is watched, and starts nothing', limit, async () => {
    const { page, dataFolder } = await open({ workspace: trainingOutputs({ iris }), trusted: false });
    const view = page.locator('.part.sidebar .welcome-view').first();
    await view.getByText(/Restricted Mode/).waitFor();
    await picture(page, 'restricted');
    expect(await findDaemon(dataFolder)).toBeUndefined();
    expect(existsSync(dataFolder)).toBe(false);
  });
});
