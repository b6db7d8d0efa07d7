import * as l10n from '@vscode/l10n';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CompareRow } from '../../daemon/protocol/comparison.ts';
import type { EventType, ThinEvent } from '../../daemon/protocol/events.ts';
import { summarizeComparison } from '../../daemon/shared/comparison-summary.ts';
import { eventText } from '../../daemon/shared/event-text.ts';
import { apply, type Mirror } from '../../extension/mirror/reducer.ts';
import type { Node } from '../../extension/trees/nodes.ts';
import { activityNodes } from '../../extension/trees/rows/activity.ts';
import { compareNodes } from '../../extension/trees/rows/compare.ts';
import { modelNodes } from '../../extension/trees/rows/models.ts';
import { sourceNodes } from '../../extension/trees/rows/sources.ts';
import { artifact, drawing, endedRun, event, now, opened, root, run, save, status } from '../support/models.ts';

const top = join(import.meta.dirname, '..', '..');
const bundle = JSON.parse(readFileSync(join(top, 'l10n', 'bundle.l10n.json'), 'utf8')) as Record<string, string>;

/** Symbols of units are equal in every language. AM and PM come from the machine's own. */
const sameEverywhere = new Set(['kB', 'MB', 'GB', 'min', 'AM', 'PM', 'UTC']);

/** Translates into a language in which every letter is `ŧ`. Placeholders, icons and commands stay. */
function pseudo(text: string): string {
  return text.replaceAll(
    /(\{\w+\}|\$\([\w~-]+\)|\(command:[^)]*\))|[A-Za-z]/g,
    (_letter, kept?: string) => kept ?? 'ŧ',
  );
}

beforeAll(() =>
  l10n.config({ contents: Object.fromEntries(Object.entries(bundle).map(([key, text]) => [key, pseudo(text)])) }),
);
afterAll(() => l10n.config({ contents: {} }));

/** Returns every word of the data itself: values, and the names of metrics, params and tags. */
function wordsOf(data: unknown): Set<string> {
  const words = new Set<string>();
  const visit = (value: unknown): void => {
    if (value instanceof Map) value = [...value];
    if (typeof value === 'string') for (const word of value.match(/[A-Za-z]{2,}/g) ?? []) words.add(word);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (['metrics', 'params', 'tags'].includes(key)) visit(Object.keys(inner as object));
      visit(inner);
    }
  };
  visit(data);
  return words;
}

function rawWords(texts: readonly string[], data: unknown): string[] {
  const known = wordsOf(data);
  const isRaw = (word: string): boolean => !known.has(word) && !sameEverywhere.has(word);
  return [...new Set(texts.flatMap((text) => (text.match(/[A-Za-z]{2,}/g) ?? []).filter(isRaw)))];
}

function textsOf(nodes: readonly Node[] | null | undefined): string[] {
  return (nodes ?? []).flatMap((node) => [node.label, node.description, node.tooltip, ...textsOf(node.children)]);
}

test('the bundle of texts is up to date', { timeout: 60_000 }, async () => {
  const done = promisify(execFile)(process.execPath, [join(top, 'scripts', 'l10n.mjs'), '--check']);
  await expect(done).resolves.toBeDefined();
});

test('rows of the trees have no text that a translation does not reach', () => {
  const waiting = artifact({ state: 'waiting', path: '/out/part.pt', reason: '' });
  const withDisk = apply(opened(), {
    kind: 'artifacts',
    candidates: [artifact()],
    waiting: [waiting],
    found: [waiting],
  });
  const withStatus = apply(withDisk, {
    kind: 'status',
    status: status({ runs: [run()], roots: [root(), root({ path: '/b', state: 'paused' })] }),
  });
  const saves = [save({ version: 'churn@7' }), save(), save({ lost: 'It was overwritten.' })];
  const runs = [endedRun({ id: '/out/a', saves }), endedRun({ id: '/out/b' })];
  const mirror: Mirror = apply(apply(withStatus, { kind: 'ended', runs }), {
    kind: 'activity',
    events: [event(), event({ seq: 8, at: now - 90_000_000 })],
  });
  const rows = [
    ...modelNodes(mirror, drawing({}, new Map([['churn', 7]]))),
    ...sourceNodes(mirror, now),
    ...activityNodes(mirror, now),
    ...compareNodes(['churn@7', 'churn@8']),
  ];
  const texts = textsOf(rows);
  expect(texts.filter((text) => text.includes('ŧ')).length).toBeGreaterThan(10);
  expect(rawWords(texts, mirror)).toEqual([]);
});

const bodies: Partial<Record<EventType, ThinEvent['body']>> = {
  'pointer.moved/1': { kind: 'alias', name: '1', cause: 'rollback', before: { holder: 7 }, after: { holder: null } },
  'approval.given/1': { decision: 'rejected', kind: 'stage', name: '1' },
  'deployment.finished/1': { problem: '1', kind: 'stage', name: '1' },
  'version.tagged/1': { key: '1', value: null },
};
const protocol = readFileSync(join(top, 'daemon', 'protocol', 'events.ts'), 'utf8');
const types = [...protocol.matchAll(/^ {2}'(\w+\.\w+\/\d)':/gm)].map((found) => found[1] as EventType);

test('every sentence about an event is translated, and so is the summary of a comparison', () => {
  const events = types.map((type) => event({ type, model: '1', number: 2, body: bodies[type] ?? {} }));
  expect(events.length).toBeGreaterThan(35);
  expect(
    rawWords(
      events.map((one) => eventText(one)),
      {},
    ),
  ).toEqual([]);
  const row = (name: string, isBetter: boolean): CompareRow => {
    return { name, values: [1, 2], deltas: [null, 1], better: [null, isBetter], direction: null, differs: true };
  };
  const rows = [row('1', true), row('2', false)];
  const summaries = [rows, []].map((metrics) => summarizeComparison({ versions: ['1@1', '1@2'], metrics }));
  expect(rawWords(summaries, {})).toEqual([]);
  expect(summaries.every((text) => text.includes('ŧ'))).toBe(true);
});
