import { expect, test } from 'vitest';
import { styled, wantsColour } from '../../../../daemon/clients/cli/terminal/color.ts';
import { cutTo, displayWidth, table } from '../../../../daemon/clients/cli/terminal/table.ts';

const plain = { style: (_: unknown, text: string): string => text };
const columns = [
  { title: 'model', least: 10 },
  { title: 'versions', align: 'right' as const },
  { title: 'aliases' },
  { title: 'why' },
];
const rows = [
  ['churn-prediction-europe', '12', '', 'a long sentence that says why it is so'],
  ['模型-分類器-第二版', '7', '', 'short'],
];

test('a table fits 40 columns, with … where something was cut and numbers whole', () => {
  const lines = table({ width: 40, ...plain }, columns, rows);
  expect(lines.map(displayWidth).every((width) => width <= 40)).toBe(true);
  expect(lines[1]).toMatch(/^churn-p.*… +12 .*…$/);
  expect(lines.join('\n')).not.toContain('aliases');
});

test('without a terminal nothing is cut and numbers are aligned', () => {
  const lines = table({ width: undefined, ...plain }, columns, rows);
  expect(lines[1]).toContain('churn-prediction-europe');
  expect(lines[1]).toContain('a long sentence that says why it is so');
  expect(displayWidth(lines[1]!.split('12')[0]!) + 2).toBe(displayWidth(lines[2]!.split('7')[0]!) + 1);
});

test('a line break in a cell does not break the table', () => {
  expect(table({ width: undefined, ...plain }, [{ title: 'text' }], [['one\n\ttwo']])).toEqual(['text', 'one two']);
});

test('wide characters and emoji count two columns', () => {
  expect([displayWidth('模型'), displayWidth('é'), displayWidth('🚀'), displayWidth('abc')]).toEqual([4, 1, 2, 3]);
  expect(cutTo('模型模型', 6)).toBe('模型…');
});

test('colour needs a terminal and no NO_COLOR', () => {
  expect(wantsColour(true, {})).toBe(true);
  expect(wantsColour(true, { NO_COLOR: '1' })).toBe(false);
  expect(wantsColour(true, { TERM: 'dumb' })).toBe(false);
  expect(wantsColour(false, {})).toBe(false);
  expect(styled(true, 'green', 'x')).toBe('\u001b[32mx\u001b[39m');
  expect(styled(false, 'green', 'x')).toBe('x');
});
