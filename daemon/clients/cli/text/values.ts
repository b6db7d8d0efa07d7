import type { Json } from '../../../protocol/json.ts';
import { numberText } from '../../../shared/format.ts';

/** A value on one line, as short as its kind allows. */
export function valueText(value: Json | undefined): string {
  if (value === undefined || value === null) return '–';
  if (typeof value === 'number') return numberText(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Who people say to be, a line each: nobody has checked it. Ids with what they assert, if anything. */
export function assertedLines(people: readonly (readonly [person: string, asserted: string | undefined])[]): string[] {
  const lines = people.flatMap(([person, asserted]) =>
    asserted === undefined ? [] : `${person}: ${asserted} (asserted)`,
  );
  return [...new Set(lines)];
}
