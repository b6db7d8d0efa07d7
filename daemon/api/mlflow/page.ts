import { createHash } from 'node:crypto';
import { invalid } from './error-handler.ts';

/** Page tokens hold the offset and a short digest of the search. Opaque to clients. */

/**
 * Returns the offset in a page token; 0 without one. `bound`: the search that the token must belong to. Throws for a token of
 * another form or search.
 */
export function offsetOf(token: string | undefined, bound = ''): number {
  if (token === undefined || token === '') return 0;
  const decoded = decode(token);
  if (decoded === undefined) throw invalid('Invalid page token, could not base64-decode');
  if (decoded.of !== digestOf(bound)) throw invalid('Invalid page token: it belongs to another search');
  return decoded.offset;
}

function decode(token: string): { offset: number; of: string } | undefined {
  try {
    const value = JSON.parse(Buffer.from(token, 'base64').toString('utf8')) as { offset?: unknown; of?: unknown };
    const { offset, of } = value;
    const fits = typeof offset === 'number' && Number.isSafeInteger(offset) && offset >= 0 && typeof of === 'string';
    return fits ? { offset, of } : undefined;
  } catch {
    return undefined;
  }
}

/** Returns a page of rows, of which one more than the page holds was read, with the token of the next page. */
export function pageOf<T>(
  rows: readonly T[],
  { offset, limit, bound = '' }: { offset: number; limit: number; bound?: string },
): { items: T[]; next_page_token?: string } {
  if (rows.length <= limit) return { items: [...rows] };
  const token = Buffer.from(JSON.stringify({ offset: offset + limit, of: digestOf(bound) })).toString('base64');
  return { items: rows.slice(0, limit), next_page_token: token };
}

function digestOf(bound: string): string {
  return bound === '' ? '' : createHash('sha256').update(bound).digest('base64url').slice(0, 12);
}
