import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Comparison } from '../../../daemon/protocol/comparison.ts';
import { diffHtml } from '../../../daemon/clients/cli/text/diff-html.ts';
import { diffSections } from '../../../daemon/clients/cli/text/diff-sections.ts';
import { diffCsv, diffMarkdown } from '../../../daemon/clients/cli/text/diff-texts.ts';
import { commandLine, irisOutputs, samples } from './plinth.ts';

const { folder, out, run, json } = commandLine();
const hostile = '<img src=x onerror=alert(1)> "q" \'a\' | `b` =cmd()';

beforeAll(async () => {
  const outputs = irisOutputs(folder);
  for (const version of ['v1', 'v2', 'v3'])
    await out('register', join(outputs, version, 'model.joblib'), '--model', 'iris');
  for (const step of ['8', '24'])
    await out('register', join(samples, 'transformers/tiny-bert-cls', `checkpoint-${step}`), '--model', 'bert');
});

test('a comparison says its summary first and shows every kind that differs', async () => {
  const text = await out('diff', 'bert@1', 'bert@2');
  expect(text).toMatch(/^bert@2 is better on \d of \d metrics/);
  expect(text).toMatch(/\nmetrics +bert@1 +bert@2 +Δ\n/);
  expect(text).not.toMatch(/\ntensors /);
  expect(await out('diff', 'bert@1', 'bert@2', '--all')).toMatch(/\nsignature|\nfacts/);
});

test('with --norms the tensors are read, and each layer says how far it moved', async () => {
  const text = await out('diff', 'bert@1', 'bert@2', '--norms');
  expect(text).toMatch(/\nchange by layer +bert@1 +bert@2 +Δ\n/);
  expect(text).toMatch(/\nbert\.encoder\.layer\.0 +– +[\d.]+ % +moved\n/);
  expect(text).toMatch(/kB of tensor data read\n$/);
});

test('the HTML page stands by itself, with curves and without a script', async () => {
  const path = join(folder, 'difference.html');
  expect(await out('diff', 'bert@1', 'bert@2', '--out', path)).toBe(`wrote ${path}\n`);
  const page = readFileSync(path, 'utf8');
  expect(page).toMatch(/^<!DOCTYPE html>/);
  expect(page).toContain("default-src 'none'; style-src 'unsafe-inline'");
  expect(page).toContain('<path d="M');
  expect(page).not.toMatch(/<script|https?:\/\/|\son\w+=/i);
});

test('Markdown, CSV and JSON hold the same rows; a name tells the format', async () => {
  const reply = (await json('diff', 'iris@1', 'iris@3')) as Comparison;
  const differing = reply.metrics.filter(({ differs }) => differs).length;
  const csv = (await out('diff', 'iris@1', 'iris@3', '--format', 'csv')).split('\n');
  expect(csv[0]).toBe('section,name,iris@1,iris@3,iris@3 difference,iris@3 means');
  expect(csv.filter((line) => line.startsWith('metrics,'))).toHaveLength(differing);
  const path = join(folder, 'difference.json');
  await out('diff', 'iris@1', 'iris@3', '--out', path);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(reply);
  expect(await out('diff', 'iris@1', 'iris@3', '--format', 'md')).toMatch(
    /^iris@3 is better[^\n]*\n[^]*\n\| metrics \| iris@1 \| iris@3 \| Δ \|\n/,
  );
});

test('names and values of markup stay text in every format', () => {
  const row = {
    name: hostile,
    values: [hostile, `${hostile}2`],
    deltas: [null, null],
    better: [null, null],
    direction: null,
    differs: true,
  };
  const metric = { ...row, values: [1, 2], deltas: [null, 1], notComparable: [null, hostile], spread: [null, null] };
  const column = {
    kind: 'version',
    model: 'm',
    number: 1,
    state: 'ready',
    stage: '',
    aliases: [],
    createdAt: 0,
    trainedAt: null,
    durationMs: null,
    actor: null,
    run: null,
  } as const;
  const columns = [hostile, 'm@2'].map((reference) => ({ ...column, reference, aliases: [], missing: [hostile] }));
  const empty = { config: [], reports: [], code: [], environment: [], data: [], signature: [], files: [], facts: [] };
  const tensors = { rows: [], differing: 0, equal: 1 };
  const comparison: Comparison = {
    versions: [hostile, 'm@2'],
    columns,
    metrics: [metric],
    params: [row],
    ...empty,
    tensors,
    omitted: {},
  };
  const sections = diffSections(comparison, false);
  const points = {
    steps: Float64Array.of(1, 2),
    times: Float64Array.of(1, 2),
    values: Float64Array.of(NaN, 2),
    total: 2,
  };
  const curve = { ...points, values: Float64Array.of(1, 2) };
  const page = diffHtml(comparison, sections, [{ metric: hostile, columns: [curve, points] }]).join('\n');
  expect(page).not.toContain('<img');
  expect(page).toContain('&lt;img src=x onerror=alert(1)&gt; &quot;q&quot; &#39;a&#39;');
  expect(diffMarkdown(comparison, sections).join('\n')).not.toMatch(/(?<!\\)<img/);
  const formula = { ...row, name: '=HYPERLINK("x")', values: ['-1', '+cmd|x'] };
  const csv = diffCsv({ ...comparison, params: [formula] }, diffSections({ ...comparison, params: [formula] }, false));
  expect(csv.at(-1)).toBe(`params,"'=HYPERLINK(""x"")",-1,'+cmd|x,,`);
});

test('a file is identified, and a version that lost a metric is found, on the command line', async () => {
  const copy = join(folder, 'copy.bin');
  copyFileSync(join(folder, 'outputs', 'v2', 'model.joblib'), copy);
  expect(await out('identify', copy)).toBe(`${copy} is iris@2 (development).\n`);
  writeFileSync(copy, 'nothing of the kind');
  expect(await out('identify', copy)).toContain('is not a version');
  const found = await out('bisect', 'iris', '--metric', 'log_loss');
  expect(found).toMatch(/^iris@3 lost log_loss: 0\.1179\d* in iris@2, 0\.139\d* from it on/);
  expect(found).toMatch(/iris@3 +0\.1391 +lost +← first/);
  expect(await run('bisect', 'iris', '--metric', 'log_loss', '--tolerance', 'x')).toMatchObject({ code: 64 });
});
