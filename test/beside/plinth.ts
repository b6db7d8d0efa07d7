import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { findDaemon } from '../../daemon/clients/client/discover.ts';
import { connect, type Client } from '../../daemon/clients/client/request.ts';
import { model, promoted } from './servers.ts';
import type { Tool } from './tasks.ts';
import type { User } from './user.ts';

const program = join(import.meta.dirname, '..', '..', 'dist', 'plinth.js');

/** Starts a service that watches the trainings as their script left them, and promotes what was promoted. */
export async function startPlinth(folder: string): Promise<Tool> {
  const data = join(folder, 'plinth');
  const child = spawn(process.execPath, [program, '--data', data, 'serve', '--quiet'], { stdio: 'inherit' });
  const client = await untilRunning(data);
  await registerAll(client, join(folder, model));
  return {
    name: 'Plinth',
    start: async () => {
      const fragment = new URLSearchParams({
        code: await client.pageCode(),
        place: JSON.stringify({ page: 'models' }),
      });
      const file = await findDaemon(data);
      return `http://127.0.0.1:${file?.port}/#${fragment.toString()}`;
    },
    ways,
    end: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}

async function untilRunning(data: string): Promise<Client> {
  for (;;) {
    const file = await findDaemon(data);
    if (file !== undefined) return connect(file, 'cli');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function registerAll(client: Client, root: string): Promise<void> {
  const { roots } = await client.call('GET /status', {});
  if (roots.length > 0) return;
  await client.call('POST /roots', { path: root });
  await client.call('POST /scan', {});
  await client.call('POST /found/register', { root });
  for (let quiet = 0; quiet < 5;) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    quiet = (await client.call('GET /status', {})).isIdle ? quiet + 1 : 0;
  }
  for (const [number, reason] of promoted)
    await client.call('POST /models/:model/versions/:version/promote', {
      model,
      version: String(number),
      stage: 'production',
      reason,
    });
}

const row = (page: Page, place: number) => page.locator('plinth-data-table tbody input[type=checkbox]').nth(place);
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true }).first();

async function compareLastTen(user: User): Promise<void> {
  await user.click(user.page.locator('.chosen-model .title').getByText('Compare', { exact: false }).last());
  await user.click(user.page.getByText('Last 10 versions'));
}

async function compareAll(user: User): Promise<void> {
  await user.click(user.page.locator('thead input[type=checkbox]'));
  await user.click(button(user.page, /^Compare Selected/));
}

const ways: Tool['ways'] = {
  models: {
    shown: 'models with the version in production, its metric, change, since when, by whom and why; all versions',
    steps: (user) => user.sees('.stage-card', 'production'),
  },
  two: {
    shown: 'summary, metrics with change and judgement, curves, matrices, params, config lines',
    steps: async (user) => {
      await user.click(row(user.page, 1));
      await user.click(row(user.page, 2));
      await user.click(button(user.page, /^Compare Selected/));
      await user.sees('.matrix td');
    },
  },
  ten: {
    shown: 'summary a version, matrix of metrics with best and worst, what explains it, curves, params, files',
    steps: async (user) => {
      await compareLastTen(user);
      await user.sees('.matrix thead th', '', 10);
    },
  },
  curves: {
    shown: 'train and validation together, one list of versions with values, best marked',
    steps: async (user) => {
      await compareLastTen(user);
      await user.sees('#curves');
      await user.looksAt('plinth-chart');
      await user.sees('plinth-chart canvas');
    },
  },
  best: {
    shown: 'versions sorted by the metric with change to production, params beside; best in bold',
    steps: async (user) => {
      await user.click(user.page.locator('thead').getByRole('button', { name: 'val/auc' }).first());
      await user.sees('th[aria-sort=descending]');
    },
  },
  params: {
    shown: 'params that differ with change; parallel coordinates and correlation',
    steps: async (user) => {
      await compareLastTen(user);
      await user.sees('#params');
      await user.looksAt('#params');
    },
  },
  text: {
    shown: 'changed lines of each config file against the baseline',
    steps: async (user) => {
      await compareLastTen(user);
      await user.sees('#config');
      await user.looksAt('plinth-text-difference');
      await user.sees('plinth-text-difference .added');
    },
  },
  matrices: {
    shown: 'counts as heat maps and pictures of all versions with the metric under each',
    steps: async (user) => {
      await compareAll(user);
      await user.sees('#reports');
      await user.looksAt('plinth-report-row');
      await user.sees('plinth-report-row td, plinth-report-row img', '', 2);
    },
  },
  promote: {
    shown: 'review of differences and of what happens to the former version; then who, when, why on the card',
    steps: async (user) => {
      const version = user.round % 2 === 0 ? 'v11' : 'v12';
      await user.click(button(user.page, version));
      await user.click(user.page.getByText('Promote…').first());
      await user.sees('plinth-promotion-review li');
      await user.type(user.page.locator('dialog input[name=reason]'), 'better recall');
      await user.click(user.page.locator('dialog button[value=yes]'));
      await user.sees('body', `production is now ${version}`);
    },
  },
  back: {
    shown: 'versions that were in production, with who, when and why; checksum is verified',
    steps: async (user) => {
      await user.click(user.page.locator('button[title^="Roll back"]').first());
      await user.click(user.page.locator('dialog button[value=yes]'));
      await user.sees('body', 'Rolled back');
    },
  },
  bytes: {
    shown: 'checksum of each file and of the version, pickle safety, where it was saved, code to load it',
    steps: async (user) => {
      await user.click(button(user.page, 'v9'));
      await user.sees('h2', 'Files');
      await user.looksAt('#files');
    },
  },
  model: {
    shown: 'stage cards, metric over time with lanes, table of versions',
    steps: async (user) => {
      await user.click(user.page.getByRole('button', { name: model, exact: true }).first());
      await user.sees('tbody tr', '', 10);
    },
  },
  runs: {
    shown: 'runs with metrics and params that vary',
    steps: async (user) => {
      await user.click(button(user.page, 'Runs'));
      await user.sees('tbody tr', 'run-', 10);
    },
  },
};
