import type { Json } from '../../../protocol/json.ts';
import { numberText } from '../../../shared/format.ts';

/** Formats a value on one line. */
export function valueText(value: Json | undefined): string {
  if (value === undefined || value === null) return '–';
  if (typeof value === 'number') return numberText(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Returns a line for each person with an asserted name, which nobody has verified. */
export function assertedLines(people: readonly (readonly [person: string, asserted: string | undefined])[]): string[] {
  const lines = people.flatMap(([person, asserted]) =>
    asserted === undefined ? [] : `${person}: ${asserted} (asserted)`,
  );
  return [...new Set(lines)];
}
