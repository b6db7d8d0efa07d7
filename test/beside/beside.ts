// npm run beside: does the same tasks with the same trainings in Plinth, MLflow and Trackio, counts clicks and seconds, and takes pictures.
//   --pictures FOLDER   where the pictures go (default: a temporary folder)
//   --data FOLDER       trainings that an earlier run kept there, or where this one keeps them
//   --trainings N       how many (12), --repeats N (5), --workers N of MLflow's server (2)
//   --tools A,B --tasks A,B   only these
// MLflow, Trackio and their libraries are installed in .cache. Nothing else should run meanwhile: the load is printed below the table.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../vscode/browser.ts';
import { pathWith } from '../zoo/python.ts';
import { startMlflow } from './mlflow.ts';
import { startPlinth } from './plinth.ts';
import { model } from './servers.ts';
import { taskNames, type Task, type Tool } from './tasks.ts';
import { startTrackio } from './trackio.ts';
import { patience, play, watcher, type Played } from './user.ts';

const { values } = parseArgs({
  options: {
    pictures: { type: 'string' },
    data: { type: 'string' },
    trainings: { type: 'string', default: '12' },
    repeats: { type: 'string', default: '5' },
    workers: { type: 'string', default: '2' },
    tools: { type: 'string', default: 'plinth,mlflow,trackio' },
    tasks: { type: 'string', default: Object.keys(taskNames).join(',') },
  },
});

const wanted = (Object.keys(taskNames) as Task[]).filter((task) => values.tasks.split(',').includes(task));
const repeats = Number(values.repeats);

/** Returns the folder of the programs, and writes the trainings unless they are there. */
function prepare(data: string): string {
  const found = pathWith('beside');
  if ('reason' in found) throw new Error(found.reason);
  const bin = found.path.split(delimiter)[0] ?? '';
  if (existsSync(join(data, model))) return bin;
  const write = (...args: string[]): void => {
    console.error(`writing ${args[0]}`);
    const env = {
      ...process.env,
      TRACKIO_DIR: join(data, 'trackio'),
      HF_HUB_OFFLINE: '1',
      MLFLOW_DISABLE_TELEMETRY: 'true',
    };
    const script = join(import.meta.dirname, 'data.py');
    const done = spawnSync(join(bin, 'python'), [script, ...args], { env, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(done.stderr.slice(-2000));
  };
  write('files', values.trainings, data);
  write('mlflow', values.trainings, data, `sqlite:///${data}/mlflow.db`);
  write('trackio', values.trainings, data);
  return bin;
}

/** Plays one task from the first page on. A picture is taken the first time. */
async function playOnce(
  browser: Browser,
  tool: Tool,
  task: Task,
  round: number,
  pictures: string,
): Promise<Played | undefined> {
  const way = tool.ways[task];
  if (typeof way === 'string') return undefined;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US' });
  await context.addInitScript(watcher);
  await tool.prepare?.(context);
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const picture = join(pictures, `${task}-${tool.name.toLowerCase()}.png`);
  const opened = page.goto(await tool.start(), { timeout: 2 * patience });
  const played = await opened
    .then(() => play(page, round, way.steps))
    .catch(async (error: unknown) => {
      await page.screenshot({ path: picture });
      console.error(`${tool.name}: ${taskNames[task]}: ${String(error).slice(0, 400)}`);
    });
  if (played !== undefined && round === 0) {
    await page.waitForTimeout(1500);
    await page.screenshot({ path: picture });
  }
  await context.close();
  return played ?? undefined;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

async function cell(browser: Browser, tool: Tool, task: Task, pictures: string): Promise<string> {
  const way = tool.ways[task];
  if (typeof way === 'string') return `cannot: ${way}`;
  const all: Played[] = [];
  // The first one warms server and browser, and is not counted.
  for (let round = 0; round <= repeats; round += 1) {
    const played = await playOnce(browser, tool, task, round, pictures);
    if (played === undefined) return 'not done: see the picture';
    if (round > 0 || repeats === 0) all.push(played);
  }
  const times = all.map(({ ms }) => ms / 1000);
  const spread = `${Math.min(...times).toFixed(2)}–${Math.max(...times).toFixed(2)}`;
  return `${all[0]?.clicks} clicks, ${median(times).toFixed(2)} s (${spread}): ${way.shown}`;
}

/** Plays the wanted tasks in one tool. Returns its cells and the load of the machine after them. */
async function playAll(tool: Tool, pictures: string): Promise<{ cells: string[]; load: string }> {
  const browser = await openBrowser();
  const cells: string[] = [];
  try {
    for (const task of wanted) {
      cells.push(await cell(browser, tool, task, pictures));
      console.error(`${tool.name}: ${taskNames[task]}: ${cells.at(-1)}`);
    }
    return { cells, load: `${tool.name} ${loadavg()[0]?.toFixed(1)}` };
  } finally {
    await browser.close();
    await tool.end();
  }
}

async function main(): Promise<void> {
  const kept = values.data;
  const data = kept === undefined ? mkdtempSync(join(tmpdir(), 'beside-')) : resolve(kept);
  const pictures = resolve(values.pictures ?? mkdtempSync(join(tmpdir(), 'beside-pictures-')));
  for (const folder of [data, pictures]) mkdirSync(folder, { recursive: true });
  const bin = prepare(data);
  const starts = {
    plinth: () => startPlinth(data),
    mlflow: () => startMlflow(data, bin, Number(values.workers)),
    trackio: () => startTrackio(data, bin),
  };
  const columns: { name: string; cells: string[]; load: string }[] = [];
  for (const [name, start] of Object.entries(starts)) {
    if (!values.tools.split(',').includes(name)) continue;
    const tool = await start();
    columns.push({ name: tool.name, ...(await playAll(tool, pictures)) });
  }
  console.log(`| task | ${columns.map(({ name }) => name).join(' | ')} |\n| --- |${' --- |'.repeat(columns.length)}`);
  for (const [place, task] of wanted.entries())
    console.log(`| ${taskNames[task]} | ${columns.map(({ cells }) => cells[place]).join(' | ')} |`);
  const loads = columns.map(({ load }) => load).join(', ');
  console.log(`\n${values.trainings} trainings, load of the machine at the end: ${loads}. Pictures: ${pictures}`);
  if (kept === undefined) rmSync(data, { recursive: true, force: true });
}

await main();
