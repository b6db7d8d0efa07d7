/** A JSON value. Numbers that JSON lacks (NaN, ±Infinity) are the strings `NaN`, `Infinity`, `-Infinity`. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Converts a metric's value to JSON; a number that JSON lacks becomes text. */
export function metricJson(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

export function isObject(value: Json | undefined): value is Record<string, Json>;
export function isObject(value: unknown): value is Record<string, unknown>;
export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
