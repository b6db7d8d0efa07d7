import type { Json } from '../protocol/json.ts';

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Decimal units: `812 B`, `6.2 kB`, `1.4 GB`. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

const spans: [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
];

/** A duration in its largest unit: `2 h`, `35 s`, `0 s`. */
export function spanText(ms: number): string {
  const [unit, length] = spans.find(([, span]) => ms >= span) ?? ['s', 1000];
  return `${Math.floor(Math.max(0, ms) / length)} ${unit}`;
}

const agesUntilMs = 60 * 86_400_000;

/** `2 h ago`; older than two months the day itself. */
export function ageText(at: number, now: number): string {
  const ms = now - at;
  if (ms >= agesUntilMs) return dateText(at).slice(0, 10);
  return ms < 1000 ? 'just now' : `${spanText(ms)} ago`;
}

/** Local time to the minute: `2026-11-25 17:59`. */
export function dateText(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Four significant digits, whole numbers whole; texts such as `NaN` as they are. */
export function numberText(value: number | string): string {
  if (typeof value === 'string' || Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(4)));
}

/** With its sign: `+0.0123`, `-3`. */
export function deltaText(delta: number): string {
  return delta > 0 ? `+${numberText(delta)}` : numberText(delta).replace('-', '−');
}

/** Thousands apart: `1,234,567`. */
export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 version`, `1,200 versions`. */
export function countOf(count: number, what: string): string {
  return `${countText(count)} ${what}${count === 1 ? '' : 's'}`;
}

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
