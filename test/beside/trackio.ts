import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { freePort } from '../support/free-port.ts';
import { model, startServer } from './servers.ts';
import type { Tool } from './tasks.ts';
import type { User } from './user.ts';

/** Starts Trackio's dashboard on what data.py logged. */
export async function startTrackio(folder: string, bin: string): Promise<Tool> {
  const port = await freePort();
  const env = {
    TRACKIO_DIR: join(folder, 'trackio'),
    GRADIO_SERVER_PORT: String(port),
    HF_HUB_OFFLINE: '1',
    BROWSER: 'true',
  };
  const end = await startServer(join(bin, 'trackio'), ['show', '--project', model], env, `http://127.0.0.1:${port}/`);
  return { name: 'Trackio', start: () => Promise.resolve(`http://127.0.0.1:${port}/?project=${model}`), ways, end };
}

const tab = (page: Page, name: string): Locator => page.locator(`button[title="${name}"]`).first();
const run = (page: Page, name: string): Locator => page.locator('label', { hasText: name }).first();

/** Leaves only the newest runs chosen. */
async function choose(user: User, names: readonly string[]): Promise<void> {
  await user.click(user.page.locator('label', { hasText: /^\s*Runs \(/ }).first());
  for (const name of names) await user.click(run(user.page, name));
}

async function showComparer(user: User): Promise<void> {
  await user.click(user.page.locator('label', { hasText: 'Show run comparer' }).first());
}

const ways: Tool['ways'] = {
  models: {
    shown: 'artifacts of one project with versions and aliases; no metric',
    steps: async (user) => {
      await user.click(tab(user.page, 'Artifacts'));
      await user.sees('*', 'production');
    },
  },
  two: {
    shown: 'config with tinted differences; curves and bars below; no numbers of metrics',
    steps: async (user) => {
      await choose(user, ['run-012', 'run-011']);
      await showComparer(user);
      await user.sees('th', 'run-012');
    },
  },
  ten: {
    shown: 'config of ten with tinted differences, five columns fit; curves and bars of all below',
    steps: async (user) => {
      await user.sees('canvas.marks');
      await showComparer(user);
      await user.sees('table, [class*=compar]', 'optimizer');
    },
  },
  curves: {
    shown: 'a chart a metric by section, smoothed, with a legend each; list of runs at the left',
    steps: (user) => user.sees('canvas.marks'),
  },
  best: 'runs cannot be sorted by a metric; a curve has to be read',
  params: {
    shown: 'config of ten runs, only what differs',
    steps: async (user) => {
      await user.sees('canvas.marks');
      await showComparer(user);
      await user.sees('table, [class*=compar]', 'optimizer');
      await user.click(user.page.locator('label', { hasText: 'Diff only' }).first());
      await user.sees('table, [class*=compar]', 'optimizer');
    },
  },
  text: 'files of an artifact can be downloaded, and are not shown or compared',
  matrices: {
    shown: 'all pictures as a grid, with the run under each',
    steps: async (user) => {
      await user.click(tab(user.page, 'Media & Tables'));
      await user.sees('img', '', 2);
    },
  },
  promote: 'an alias is set by a script only; who and why are not kept',
  back: 'an alias is set by a script only',
  bytes: {
    shown: 'digest of the version and of each file, which run made it, download',
    steps: async (user) => {
      await user.click(tab(user.page, 'Artifacts'));
      await user.click(user.page.getByText('v8', { exact: true }).first());
      await user.sees('*', 'model.joblib');
    },
  },
  model: {
    shown: 'list of versions with aliases, files of one',
    steps: async (user) => {
      await user.click(tab(user.page, 'Artifacts'));
      await user.sees('*', 'model.joblib');
    },
  },
  runs: {
    shown: 'names, steps and artifacts; no metrics',
    steps: async (user) => {
      await user.click(tab(user.page, 'Runs'));
      await user.sees('tr', 'run-', 10);
    },
  },
};
