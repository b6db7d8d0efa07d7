import { expect, test } from 'vitest';
import { parseConfusionMatrix, parseNumberTable } from '../../daemon/shared/report-tables.ts';

const counts = [
  [5, 1],
  [2, 8],
];

test.each([
  ['a list of lists', 'm.json', '[[5, 1], [2, 8]]', null],
  ['a matrix with its labels', 'm.json', '{"labels": ["cat", "dog"], "matrix": [[5, 1], [2, 8]]}', ['cat', 'dog']],
  ['what pandas makes of one', 'm.json', '{"cat": {"cat": 5, "dog": 1}, "dog": {"cat": 2, "dog": 8}}', ['cat', 'dog']],
  ['a table with head and names', 'm.csv', ',cat,dog\ncat,5,1\ndog,2,8\n', ['cat', 'dog']],
  ['a table with a head', 'm.csv', 'cat;dog\n5;1\n2;8', ['cat', 'dog']],
  ['numbers alone', 'm.csv', '5,1\r\n2,8\r\n', null],
])('a confusion matrix is read from %s', (_, path, text, labels) => {
  expect(parseConfusionMatrix(path, text)).toEqual({ labels, counts });
});

test.each([
  ['text', 'm.json', 'no matrix'],
  ['a matrix that is not square', 'm.json', '[[1, 2, 3], [4, 5, 6]]'],
  ['words in the place of counts', 'm.csv', 'cat,dog\nmany,few\n1,2'],
  ['a missing count', 'm.json', '[[1, null], [2, 3]]'],
  ['an empty file', 'm.csv', ''],
  ['too many classes', 'm.json', JSON.stringify(Array.from({ length: 60 }, () => Array.from({ length: 60 }, () => 1)))],
])('%s is no confusion matrix', (_, path, text) => {
  expect(parseConfusionMatrix(path, text)).toBeUndefined();
});

test('a classification report is a table, and single numbers stand by themselves', () => {
  const text = '{"cat": {"precision": 0.5, "support": 4}, "accuracy": 0.75, "macro avg": {"precision": 0.6}}';
  expect(parseNumberTable('classification_report.json', text)).toEqual({
    columns: ['precision', 'support'],
    rows: [
      { name: 'cat', values: [0.5, 4] },
      { name: 'macro avg', values: [0.6, null] },
    ],
    single: [{ name: 'accuracy', value: 0.75 }],
  });
  expect(parseNumberTable('x.json', '{"a": {"b": "text"}, "c": []}')).toBeUndefined();
});
