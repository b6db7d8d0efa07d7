import { expect, test } from 'vitest';
import { findReferences } from '../../extension/terminal-references.ts';
import { model } from '../support/models.ts';

const [production] = model().pointers;
const champion = { ...production!, kind: 'alias', name: 'champion', holder: 7 } as const;
const models = [model({ pointers: [production!, champion] }), model({ name: 'né/w model', pointers: [] })];

const named = (line: string): string[] =>
  findReferences(line, models).map(({ start, length, model: name, number }) => {
    return `${line.slice(start, start + length)} → ${name} v${number}`;
  });

test('references, URIs of MLflow and what the service prints are links to their version', () => {
  expect(named('compare churn@7 with churn@v8')).toEqual(['churn@7 → churn v7', 'churn@v8 → churn v8']);
  expect(named('load("models:/churn/3")')).toEqual(['models:/churn/3 → churn v3']);
  expect(named('registered churn v7 in 20 ms')).toEqual(['registered churn v7 → churn v7']);
});

test('a stage or an alias leads to its current version', () => {
  expect(named('models:/churn/Production models:/churn@champion churn@production churn@@champion')).toEqual([
    'models:/churn/Production → churn v8',
    'models:/churn@champion → churn v7',
    'churn@production → churn v8',
    'churn@@champion → churn v7',
  ]);
});

test('an encoded name is the name of its model', () => {
  expect(named('models:/n%C3%A9%2Fw%20model/2')).toEqual(['models:/n%C3%A9%2Fw%20model/2 → né/w model v2']);
});

test('what names no model, no version or is part of another word is no link', () => {
  expect(named('lodash@4 models:/other/1 churn@nobody models:/churn/%E0%A4%A mychurn@7x a/churn@7')).toEqual([]);
  expect(named(`${'x'.repeat(1_000_000)} churn@7`)).toEqual([]);
});
