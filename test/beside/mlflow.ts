import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { freePort } from '../support/free-port.ts';
import { model, startServer } from './servers.ts';
import type { Tool } from './tasks.ts';
import type { User } from './user.ts';

/** Settings that an experienced user has: the menus of model training, and no assistant or news. */
const settings = `for (const [name, value] of Object.entries({
  'mlflow.workflowType_v1': '"machine_learning"',
  'mlflow.assistant.panelOpen_v1': 'false',
  'mlflow.assistant.fab.autoOpenedOnFirstLoad_v1': 'true',
  _mlflow_model_registry_promo_modal_dismissed_v1: 'true',
})) localStorage.setItem(name, value);`;

/** Starts MLflow's server on the database that data.py wrote. Its workers share the reads, so as many as the machine has cores are the fastest. */
export async function startMlflow(folder: string, bin: string, workers: number): Promise<Tool> {
  const port = await freePort();
  const args = [
    'server', '--host', '127.0.0.1', '--port', String(port), '--workers', String(workers),
    '--backend-store-uri', `sqlite:///${folder}/mlflow.db`, '--artifacts-destination', join(folder, 'mlflow-artifacts'),
  ]; // prettier-ignore
  const env = { MLFLOW_DISABLE_TELEMETRY: 'true' };
  const end = await startServer(join(bin, 'mlflow'), args, env, `http://127.0.0.1:${port}/health`);
  return {
    name: 'MLflow',
    start: () => Promise.resolve(`http://127.0.0.1:${port}/`),
    prepare: async (context) => void (await context.addInitScript(settings)),
    ways,
    end,
  };
}

const link = (page: Page, name: string): Locator => page.getByRole('link', { name, exact: true }).first();

/** The check box of a run in the table, by its place. */
const box = (page: Page, place: number): Locator =>
  page.locator(`.ag-row[row-index="${place}"] .ag-selection-checkbox input`).first();

async function openRuns(user: User): Promise<void> {
  await user.click(link(user.page, model));
  await box(user.page, 0).waitFor({ state: 'attached' });
}

async function compare(user: User, last: number): Promise<void> {
  await openRuns(user);
  await user.click(box(user.page, 0));
  await user.click(box(user.page, last), 'Shift');
  await user.click(user.page.getByRole('button', { name: 'Compare' }));
}

async function openArtifact(user: User, name: string): Promise<void> {
  await compare(user, 9);
  await user.sees('#root', name);
  await user.press(user.page.getByText(name, { exact: true }).first());
}

async function giveAlias(user: User): Promise<void> {
  await user.click(link(user.page, 'Model registry'));
  await user.click(link(user.page, model));
  const version = user.round % 2 === 0 ? 'Version 11' : 'Version 12';
  const row = user.page.getByRole('row').filter({ hasText: version });
  await user.click(row.getByRole('button', { name: /add|edit|alias/i }).last());
  await user.type(user.page.locator('[role=dialog] input').last(), 'production');
  await user.page.keyboard.press('Enter');
  await user.click(user.page.getByRole('button', { name: 'Save aliases' }));
  await user.sees('tr, [role=row]', 'production');
}

const ways: Tool['ways'] = {
  models: {
    shown: 'name, latest version, aliased versions, time of change; no metric',
    steps: async (user) => {
      await user.click(link(user.page, 'Model registry'));
      await user.sees('tr, [role=row]', 'production');
    },
  },
  two: {
    shown: 'parallel coordinates first; then params and metrics as plain numbers, differing rows tinted',
    steps: async (user) => {
      await compare(user, 1);
      await user.sees('a', 'val/auc');
    },
  },
  ten: {
    shown: 'parallel coordinates, params and metrics in columns of which five fit',
    steps: async (user) => {
      await compare(user, 9);
      await user.sees('a', 'val/auc');
    },
  },
  curves: {
    shown: 'a chart a metric by section, list of runs with colours and eyes at the left',
    steps: async (user) => {
      await openRuns(user);
      await user.click(user.page.locator('label:has(input[value=CHART])'));
      await user.sees('.js-plotly-plot .trace path, .js-plotly-plot canvas');
    },
  },
  best: {
    shown: 'runs sorted by the metric, whose column comes at the right; no params',
    steps: async (user) => {
      await openRuns(user);
      await user.click(user.page.getByTestId('sort-select-dropdown'));
      await user.click(user.page.getByTestId('sort-select-val/auc'));
      await user.sees('.ag-row[row-index="0"]', 'run-');
    },
  },
  params: {
    shown: 'params in columns, only those that differ',
    steps: async (user) => {
      await compare(user, 9);
      await user.sees('#root', 'optimizer.name');
      await user.click(user.page.getByText('Show diff only').first());
      await user.sees('#root', 'optimizer.name');
    },
  },
  text: {
    shown: 'the whole file of each run side by side, no difference marked',
    steps: async (user) => {
      await openArtifact(user, 'config.yaml');
      await user.sees('pre, code', 'gradient-boosting');
    },
  },
  matrices: {
    shown: 'the picture of each compared run in a column',
    steps: async (user) => {
      await openArtifact(user, 'confusion_matrix.png');
      await user.sees('img', '', 2);
    },
  },
  promote: {
    shown: 'the alias moves; who, when and why are not kept',
    steps: giveAlias,
  },
  back: {
    shown: 'the alias moves again; which version had it before is not shown',
    steps: giveAlias,
  },
  bytes: {
    shown: 'path and size of the files; no checksum',
    steps: async (user) => {
      await user.click(link(user.page, 'Model registry'));
      await user.click(link(user.page, model));
      await user.click(link(user.page, 'Version 9'));
      await user.click(link(user.page, 'model'));
      await user.click(user.page.getByText('Artifacts', { exact: true }).first());
      await user.sees('div', 'model.pkl');
    },
  },
  model: {
    shown: 'versions with time, tags, aliases and description, 25 a page',
    steps: async (user) => {
      await user.click(link(user.page, 'Model registry'));
      await user.click(link(user.page, model));
      await user.sees('tr, [role=row]', 'Version', 10);
    },
  },
  runs: {
    shown: 'runs with time, duration, source and model; metrics by a choice of columns',
    steps: async (user) => {
      await user.click(link(user.page, model));
      await user.sees('.ag-row', 'run-', 10);
    },
  },
};
