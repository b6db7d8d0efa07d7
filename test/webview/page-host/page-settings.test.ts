import { expect, test } from 'vitest';
import { parseKept, withKept } from '../../../webview/page-host/page-settings.ts';

test('a setting is remembered, replaced and forgotten, and the oldest make room', () => {
  const one = withKept({}, 'name-width:versions:churn', 120);
  expect(withKept(one, 'name-width:versions:churn', 200)).toEqual({ 'name-width:versions:churn': 200 });
  expect(withKept(one, 'name-width:versions:churn', null)).toEqual({});
  let all = {};
  for (let index = 0; index < 400; index += 1) all = withKept(all, `key ${index}`, index);
  expect([Object.keys(all).length, 'key 0' in all, 'key 399' in all]).toEqual([200, false, true]);
});

test('what is too large is not kept, and what a program stored otherwise is no setting', () => {
  expect(withKept({ a: 1 }, 'b', 'x'.repeat(30_000))).toEqual({ a: 1 });
  expect(withKept({ a: 1 }, 'k'.repeat(500), 1)).toEqual({ a: 1 });
  expect([null, '', '[1]', '{', '7', '{"a":1}'].map(parseKept)).toEqual([{}, {}, {}, {}, {}, { a: 1 }]);
});
