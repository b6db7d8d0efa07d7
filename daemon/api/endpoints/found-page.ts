import type { Context } from '../../context.ts';
import { head } from '../../db/log.ts';
import { RegistryError } from '../../errors.ts';
import type { Found } from '../../protocol/routes/versions.ts';
import type { Paged } from '../../protocol/shapes.ts';
import { SearchError } from '../../shared/search/filter-tokens.ts';
import { checkCursor, defaultPageSize } from '../page-cursor.ts';

/** Returns a page of what a search finds. The cursor is the number of items before it. Refuses a filter that cannot be read. */
export async function pageOfFound<T>(
  ctx: Context,
  { cursor, limit = defaultPageSize }: Paged,
  search: () => { items: T[]; unknown: string[] } | Promise<{ items: T[]; unknown: string[] }>,
): Promise<Found<T>> {
  const { seq } = head(ctx.db);
  const { items, unknown } = await refusing(search);
  const from = Number(checkCursor(cursor) ?? 0);
  const end = from + limit;
  const next = end < items.length ? String(end) : null;
  return { items: items.slice(from, end), next, seq, total: items.length, unknown };
}

async function refusing<T>(search: () => T | Promise<T>): Promise<T> {
  try {
    return await search();
  } catch (error) {
    if (error instanceof SearchError) throw new RegistryError('invalid-request', error.message, { at: error.at });
    throw error;
  }
}
