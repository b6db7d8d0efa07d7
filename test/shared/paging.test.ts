import { expect, test } from 'vitest';
import type { Page } from '../../daemon/protocol/shapes.ts';
import { readAllPages, type PageRequest } from '../../daemon/shared/paging.ts';

/** Makes a route of so many numbers that never returns more than `most` at once, whatever the request says. */
function route(
  count: number,
  most: number,
): { read: (request: PageRequest) => Promise<Page<number>>; asked: number[] } {
  const asked: number[] = [];
  const read = ({ cursor = '0', limit }: PageRequest): Promise<Page<number>> => {
    asked.push(limit);
    const end = Math.min(count, Number(cursor) + Math.min(limit, most));
    const items = Array.from({ length: end - Number(cursor) }, (_, index) => Number(cursor) + index);
    return Promise.resolve({ items, next: end < count ? String(end) : null, seq: 1 });
  };
  return { read, asked };
}

test('every page is read, and no more than was asked for', async () => {
  const all = route(1100, 500);
  expect(await readAllPages(all.read)).toMatchObject({ items: { length: 1100 }, next: null });
  expect(all.asked).toHaveLength(3);
  const some = route(1100, 500);
  expect(await readAllPages(some.read, 700)).toMatchObject({ items: { length: 700 }, next: '700' });
  expect(some.asked).toEqual([500, 200]);
});

test('a page without items ends the reading, whatever it says of a next one', async () => {
  const read = (): Promise<Page<number>> => Promise.resolve({ items: [], next: 'again', seq: 1 });
  expect((await readAllPages(read)).items).toEqual([]);
});
