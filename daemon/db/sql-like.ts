import type { Database } from './database.ts';

/**
 * Returns true if a text matches a pattern of SQL's LIKE: `%` for any characters, `_` for one, case-sensitive. Backtracks only to
 * the last `%`, so it takes at most text × pattern steps.
 */
export function isLike(text: string, pattern: string): boolean {
  let at = 0;
  let wanted = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    const sign = pattern[wanted];
    if (sign === '%') {
      star = wanted++;
      resume = at;
    } else if (sign !== undefined && (sign === '_' || sign === text[at])) {
      wanted++;
      at++;
    } else if (star >= 0) {
      wanted = star + 1;
      at = ++resume;
    } else return false;
  }
  while (pattern[wanted] === '%') wanted++;
  return wanted === pattern.length;
}

const known = new WeakSet<Database>();

/** Defines the SQL functions `is_like` and `is_ilike` (text, pattern), as SQLite's own LIKE ignores case and GLOB has no `_`. */
export function addLike(db: Database): void {
  if (known.has(db)) return;
  known.add(db);
  const define = (name: string, fold: (text: string) => string): void => {
    db.raw.function(name, { deterministic: true }, (text: unknown, pattern: unknown) =>
      typeof text === 'string' || typeof text === 'number'
        ? Number(isLike(fold(String(text)), fold(String(pattern))))
        : 0,
    );
  };
  define('is_like', (text) => text);
  define('is_ilike', (text) => text.toLowerCase());
}
