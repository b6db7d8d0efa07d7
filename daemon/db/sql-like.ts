import type { Database } from './database.ts';

/**
 * Whether a text fits a pattern of SQL's LIKE: `%` any characters, `_` one. Case counts. Goes back only to the last `%`, so
 * that no pattern takes longer than text × pattern.
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

/** Gives SQL the functions `is_like` and `is_ilike` (text, pattern); SQLite's own LIKE knows no case and GLOB no `_`. */
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
