import type { Page } from '../protocol/shapes.ts';

/** Items of one reply at most. */
export const maxPageItems = 500;

/** Items of one reply of a search at most. It is done again for each reply, so that more than one is slow. */
export const maxFoundItems = 5000;

/** Requests the next `limit` items after `cursor`. */
export interface PageRequest {
  cursor?: string;
  limit: number;
}

/** Reads all items of a paged route, up to `max`, as one page, in replies of `most`; `next` is null if there are no more. */
export async function readAllPages<T>(
  read: (request: PageRequest) => Promise<Page<T>>,
  max = Infinity,
  most = maxPageItems,
): Promise<Page<T>> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (;;) {
    const limit = Math.min(most, max - items.length);
    const page = await read(cursor === undefined ? { limit } : { cursor, limit });
    items.push(...page.items);
    if (page.next === null || items.length >= max || page.items.length === 0)
      return { items, next: page.next, seq: page.seq };
    cursor = page.next;
  }
}
