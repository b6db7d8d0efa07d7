import type { Pair } from '../../db/tracking/pairs.ts';
import { checkKey, checkLength } from '../../tracking/names.ts';

/** Checks tags of registered models and their versions. */

const maxText = 100_000;

/** Throws for an invalid key or value. */
export function checkTag({ key, value }: Pair): Pair {
  return { key: checkKey(key, 'key'), value: checkLength(value, 'value', maxText) };
}

export function checkDescription(text: string): string {
  return checkLength(text, 'description', maxText);
}

/** Returns tags by key; of repeated ones the last. */
export function tagged(tags: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
