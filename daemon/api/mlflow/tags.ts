import type { Pair } from '../../db/tracking/pairs.ts';
import { checkKey, checkLength } from '../../tracking/names.ts';

/** What words about registered models and their versions may be. */

const maxText = 100_000;

/** Throws for a key or value that no tag has. */
export function checkTag({ key, value }: Pair): Pair {
  return { key: checkKey(key, 'key'), value: checkLength(value, 'value', maxText) };
}

export function checkDescription(text: string): string {
  return checkLength(text, 'description', maxText);
}

/** Tags by key: of one that is given twice the last holds. */
export function tagged(tags: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
