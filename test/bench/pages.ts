import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { connect } from '../../daemon/clients/client/request.ts';
import { configure } from '../../daemon/config.ts';
import { startDaemon, type Daemon } from '../../daemon/daemon.ts';
import { silent } from '../../daemon/log.ts';
import type { ModelFacts } from '../../daemon/protocol/artifact.ts';
import { registerVersion } from '../../daemon/registry/versions/register.ts';
import { hasBrowser, openBrowser } from '../vscode/browser.ts';
import { percentile, row, type Row } from './place.ts';
import { given } from '../support/evidence.ts';
import { scriptBytes } from '../support/script-bytes.ts';

const top = join(import.meta.dirname, '..', '..');
const [versions, metrics, charts, pointsEach] = [20, 200, 12, 5000];
const repeats = 5;

/** Measures the size of the pages, and how long a browser takes to paint one with 20 versions of 200 metrics and 12 charts. */
export async function pages(): Promise<Row[]> {
  const kilobytes = scriptBytes(join(top, 'dist', 'webview', 'main.js')) / 1000;
  const size = row('page bundle', '≤ 300 KB', `${kilobytes.toFixed(0)} KB`, kilobytes <= 300);
  if (!hasBrowser()) return [size, row('first paint', '≤ 300 ms', 'not run: there is no browser')];
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  const daemon = await startDaemon(configure({ version: '0', dataFolder: folder }), silent);
  for (let n = 1; n <= versions; n += 1) await register(daemon, n);
  const browser = await openBrowser();
  const [paints, interactive]: [number[], number[]] = [[], []];
  for (let n = 0; n < repeats; n += 1) {
    const context = await browser.newContext({ viewport: { width: 1400, height: 1600 } });
    const page = await context.newPage();
    const [paint, drawn] = await timesOf(daemon, page);
    paints.push(paint);
    interactive.push(drawn);
    await context.close();
  }
  await browser.close();
  await daemon.stop();
  rmSync(folder, { recursive: true, force: true });
  const [paint, drawn] = [percentile(paints, 0.5), percentile(interactive, 0.5)];
  const what = `${versions} versions × ${metrics} metrics, ${charts} charts from ${pointsEach} points a curve`;
  return [
    size,
    row('first paint of a page, median of 5', '≤ 300 ms', `${paint.toFixed(0)} ms`, paint <= 300),
    row(`${what}: all drawn, median of 5`, '≤ 1000 ms', `${drawn.toFixed(0)} ms`, drawn <= 1000),
  ];
}

async function timesOf(daemon: Daemon, page: Page): Promise<[number, number]> {
  const client = connect(daemon.file, 'bench');
  const place = { page: 'compare', versions: Array.from({ length: versions }, (_, n) => `many@${n + 1}`) };
  const fragment = new URLSearchParams({ code: await client.pageCode(), place: JSON.stringify(place) });
  await page.goto(`http://127.0.0.1:${daemon.file.port}/#${fragment.toString()}`);
  await page.locator('#curves').waitFor();
  await page.evaluate(`document.querySelector('#curves').scrollIntoView()`);
  await page
    .locator('plinth-chart canvas')
    .nth(charts - 1)
    .waitFor();
  const [paint, drawn] = (await page.evaluate(
    `[performance.getEntriesByName('first-contentful-paint')[0].startTime, performance.now()]`,
  )) as [number, number];
  return [paint, drawn];
}

async function register({ context }: Daemon, n: number): Promise<void> {
  const none = { modelClass: null, parameterCount: null, pickle: null, signature: null, epoch: null, step: null };
  const facts: ModelFacts = {
    ...none,
    framework: 'x',
    frameworkVersion: null,
    format: 'x',
    tensors: [],
    tensorsTotal: 0,
    params: {},
    metrics: {},
    metadata: {},
    problems: [],
  };
  const curve = (chart: number): [number, number, number][] =>
    Array.from({ length: pointsEach }, (_, step) => [
      step,
      1.7e12 + step * 1000,
      Math.sin(step / (50 + n + chart)) + n,
    ]);
  const series = Object.fromEntries(Array.from({ length: charts }, (_, chart) => [`curve-${chart}`, curve(chart)]));
  const values = Object.fromEntries(Array.from({ length: metrics }, (_, index) => [`metric-${index}`, n + index / 7]));
  await registerVersion(
    context,
    { actor: 'bench' },
    {
      model: 'many',
      files: [{ path: `weights-${n}`, size: 1, sha256: context.blobs.put(Buffer.from('x')).slice('sha256:'.length) }],
      primary: 'x',
      wholeFolder: false,
      facts,
      source: { kind: 'hand', path: '/x', run: null, writtenAt: null },
      evidence: [
        { source: 'metrics.csv', metrics: values, params: { lr: n }, more: { series, best: {} }, origin: given },
      ],
      again: false,
    },
  );
}
