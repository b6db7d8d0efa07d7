/** Anything JSON can hold. Numbers that JSON cannot (NaN, ±Infinity) travel as the strings `NaN`, `Infinity`, `-Infinity`. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A metric's value as it travels and is stored. */
export function metricJson(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
