import { expect, test } from 'vitest';
import { SearchError } from '../../../daemon/shared/search/filter-tokens.ts';
import { isLike, itemFilter } from '../../../daemon/shared/search/filter.ts';
import type { Searchable } from '../../../daemon/shared/search/searchable.ts';

const day = 86_400_000;

function item(parts: Partial<Searchable>): Searchable {
  return { attributes: {}, metrics: {}, params: {}, tags: {}, ...parts };
}

const churn = item({
  attributes: {
    model: 'churn',
    version: 7,
    stage: 'production',
    alias: ['champion', 'canary'],
    created: new Date(2026, 10, 3, 15).getTime(),
    age: 3 * day,
    size: 5_000_000,
    description: '',
    run: null,
  },
  metrics: { 'val/auc': 0.93, loss: 'NaN', best: 'Infinity', 'odd name': 1 },
  params: { lr: 0.005, depth: '6', 'optimizer.name': 'adam', nested: true, stage: 'two' },
  tags: { team: 'risk', note: "it's" },
});

/** Filters that are true for the item above, and whose negation is not. */
const trueFilters = [
  '',
  'val/auc > 0.9',
  'val_auc > 0.9 and lr < 0.01 and stage = production',
  'VAL_AUC>=0.93 AND lr<=5e-3',
  'metrics.val/auc = 0.93',
  'params.lr = .005',
  'param.stage = two',
  'tags.team = risk',
  'team != fraud',
  'depth = 6',
  'depth > 5',
  'optimizer.name ~ ADAM',
  'nested = true',
  'alias = canary',
  'aliases in (none, champion)',
  'stage not in (staging, archived)',
  'loss is null',
  'run is null',
  'run is not null or version = 7',
  'not (stage = staging or val_auc < 0.5)',
  "note = 'it''s'",
  '`odd name` = 1',
  'best > 1e300',
  'created = 2026-11-03',
  'created = 2026-11',
  'created >= 2026-11-03 and created <= 2026-11-03 and created < 2026-11-04',
  'created > 2026-11-02T23:59',
  'age < 7d and age > 1d',
  'size > 4.9MB and size <= 5_000_000',
  "model ~ 'ch*n'",
  'model !~ xgb',
  "description = ''",
  'missing > 3 or lr > 0',
];

test.each(trueFilters)('the filter %j is true for a version that has these values', (text) => {
  expect(itemFilter(text).matches(churn)).toBe(true);
  expect(itemFilter(`not (${text === '' ? 'lr > 0' : text})`).matches(churn)).toBe(false);
});

test.each([
  'missing > 3',
  'not missing > 3',
  'missing != 3',
  'loss > 0',
  'not loss > 0',
  'lr > 0 and missing > 3',
  'lr > high',
  'stage > 3',
])('what is not known is neither true nor false: %s', (text) => {
  expect(itemFilter(text).matches(churn)).toBe(false);
});

test('names that no item has are reported, so that a typing mistake is not an empty list without a reason', () => {
  const filter = itemFilter('val_acu > 0.9 and lr < 1');
  expect(filter.matches(churn)).toBe(false);
  expect(filter.unknownNames()).toEqual(['val_acu']);
});

test('names of objects themselves are not names of values', () => {
  expect(itemFilter('constructor is not null or __proto__ is not null or toString is not null').matches(churn)).toBe(
    false,
  );
});

const mistakes: [string, number, RegExp][] = [
  ['val_auc >', 10, /ends too early\. Write a value/],
  ['val_auc', 8, /Write an operator after "val_auc"/],
  ['val_auc > 0.9 lr < 1', 15, /"lr" is not expected here\. Join comparisons with "and" or "or"\./],
  ['(lr < 1', 8, /Close the parenthesis/],
  ["name = 'churn", 8, /quote ' is not closed/],
  ['and lr < 1', 1, /"and" is not expected here\. Begin a comparison with a name/],
  ['lr ! 1', 4, /"!" has no meaning here/],
  ['lr in (1, 2', 12, /Separate values/],
  ['lr in 1', 7, /values in parentheses/],
  ['lr is 1', 7, /is null/],
];

test.each(mistakes)('the mistake in %j is told with its place', (text, place, reason) => {
  const read = (): unknown => itemFilter(text);
  expect(read).toThrow(SearchError);
  expect(read).toThrow(new RegExp(`character ${place}:`));
  expect(read).toThrow(reason);
});

test('a time is compared with dates and a duration with units only', () => {
  expect(() => itemFilter('created > 7d').matches(churn)).toThrow('created is a time. Compare it with a date');
  expect(() => itemFilter('age < 7').matches(churn)).toThrow('Write 7 with a unit');
});

test('a filter has limits for length, depth and comparisons', () => {
  expect(() => itemFilter(`lr = ${'1'.repeat(5000)}`)).toThrow('longer than 4096 characters');
  expect(() => itemFilter(`${'('.repeat(60)}lr = 1${')'.repeat(60)}`)).toThrow('at most 50 levels');
  expect(() => itemFilter(`${'not '.repeat(600)}lr = 1`)).toThrow('at most 50 levels');
  expect(() => itemFilter(Array.from({ length: 101 }, () => 'lr=1').join(' or '))).toThrow('at most 100 comparisons');
});

test('a pattern with many stars takes no long time', () => {
  const pattern = `${'a*'.repeat(2000)}b`;
  expect(isLike('a'.repeat(100_000), pattern)).toBe(false);
  expect(isLike('churn-monthly', 'churn-*')).toBe(true);
  expect(isLike('ab', 'ab*b')).toBe(false);
  expect(isLike('team/churn', '*churn')).toBe(true);
});
