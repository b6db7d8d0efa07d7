import { expect, test } from 'vitest';
import { groupedCalls, resultOf, type GroupedResult } from '../../daemon/runtime/grouped-calls.ts';

/** Doubles numbers, and records the groups in which they came. Odd ones fail. */
function doubling(max: number, atOnce = Infinity): { double: (n: number) => Promise<number>; groups: number[][] } {
  const groups: number[][] = [];
  const double = groupedCalls<number, number>(async (numbers) => {
    groups.push(numbers);
    await new Promise((resolve) => setImmediate(resolve));
    const results: GroupedResult<number>[] = [];
    for (const n of numbers.slice(0, atOnce)) results.push(await resultOf(() => doubled(n)));
    return results;
  }, max);
  return { double, groups };
}

function doubled(n: number): number {
  if (n % 2 === 1) throw Object.assign(new Error(`${n} is odd`), { code: 'ODD' });
  return 2 * n;
}

test('what is requested while a group is handled is the next group, and each request gets its own result', async () => {
  const { double, groups } = doubling(3);
  expect(await Promise.all([2, 4, 6, 8, 10].map(double))).toEqual([4, 8, 12, 16, 20]);
  expect(groups).toEqual([[2], [4, 6, 8], [10]]);
});

test('a request that fails fails alone, with its code', async () => {
  const { double } = doubling(10);
  const [, three, four] = await Promise.allSettled([double(2), double(3), double(4)]);
  expect(three).toMatchObject({ status: 'rejected', reason: { message: '3 is odd', code: 'ODD' } });
  expect(four).toEqual({ status: 'fulfilled', value: 8 });
});

test('requests that a group left are handled before later ones', async () => {
  const { double, groups } = doubling(10, 2);
  expect(await Promise.all([2, 4, 6, 8, 10].map(double))).toEqual([4, 8, 12, 16, 20]);
  expect(groups).toEqual([[2], [4, 6, 8, 10], [8, 10]]);
});

test('if a whole group is lost, each of its requests is tried alone, and only those that fail then are rejected', async () => {
  const double = groupedCalls<number, number>(async (numbers) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (numbers.includes(6)) throw new Error('the thread ended');
    return numbers.map((n) => ({ reply: 2 * n }));
  }, 10);
  const settled = await Promise.allSettled([2, 4, 6, 8].map(double));
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
});
