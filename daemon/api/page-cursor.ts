import { RegistryError } from '../errors.ts';

export const defaultPageSize = 50;

/** Checks a cursor, which is the number of the last item of the previous page. Throws `invalid-request`. */
export function checkCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined || /^\d{1,16}$/.test(cursor)) return cursor;
  throw new RegistryError('invalid-request', 'The cursor is invalid. Use the cursor of the previous page.');
}

/** Returns the number that the next page's items lie below. */
export function numberBefore(cursor: string | undefined): number {
  const checked = checkCursor(cursor);
  return checked === undefined ? Number.MAX_SAFE_INTEGER : Number(checked);
}
