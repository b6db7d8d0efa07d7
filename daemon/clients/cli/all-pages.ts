import type { Page } from '../../protocol/shapes.ts';

/** All items of a paged route, up to `most`, as one page; `next` is null when there are no more. */
export async function allPages<T>(
  read: (page: { cursor?: string; limit: number }) => Promise<Page<T>>,
  most = Infinity,
): Promise<Page<T>> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (;;) {
    const limit = Math.min(500, most - items.length);
    const page = await read(cursor === undefined ? { limit } : { cursor, limit });
    items.push(...page.items);
    if (page.next === null || items.length >= most || page.items.length === 0)
      return { items, next: page.next, seq: page.seq };
    cursor = page.next;
  }
}
