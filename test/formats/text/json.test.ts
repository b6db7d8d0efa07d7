import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from '../../../daemon/formats/text/json.ts';

test('JSON is parsed as JSON.parse parses it', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('words for numbers that JSON lacks become text, but not inside of text', () => {
  expect(parseJson('{"NaN": [NaN, -Infinity, Infinity], "a\\\\": "x \\" NaN"}')).toEqual({
    NaN: ['NaN', '-Infinity', 'Infinity'],
    'a\\': 'x " NaN',
  });
});

test.each(['{"a": [1', '{"a": "x', '', '  ', '[NaN'])('%j is truncated', (text) => {
  expect(() => parseJson(text)).toThrow(expect.objectContaining({ kind: 'truncated' }));
});

test.each(['{a: 1}', '[1,]', ']', '{} x', '['.repeat(200)])('%j is malformed', (text) => {
  expect(() => parseJson(text)).toThrow(expect.objectContaining({ kind: 'malformed' }));
});
