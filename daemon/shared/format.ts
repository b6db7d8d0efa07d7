import * as l10n from '@vscode/l10n';

/** Formats numbers, sizes and times, the same on every surface. Pure. */

const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Formats a size in decimal units: `812 B`, `6.2 kB`, `1.4 GB`; `999 kB`, never `1000.0 kB`. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < sizeUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${sizeUnits[unit]}`;
}

const spans: readonly [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
];

/** Formats a duration in its largest unit: `2 h`, `35 s`, `0 s`. */
export function spanText(ms: number): string {
  const [unit, length] = spans.find(([, span]) => ms >= span) ?? ['s', 1000];
  return `${Math.floor(Math.max(0, ms) / length)} ${unit}`;
}

const maxAgeMs = 30 * 86_400_000;

/** Formats an age, `just now`, `5 min ago`, `3 h ago`, `12 d ago`; above 30 days the day. */
export function ageText(at: number, now: number, language = 'en-GB'): string {
  const ms = now - at;
  if (ms >= maxAgeMs) return dayText(at, language);
  if (ms < 60_000) return l10n.t('just now');
  const hours = Math.floor(ms / 3_600_000);
  if (hours < 1) return l10n.t('{0} min ago', Math.floor(ms / 60_000));
  return hours < 48 ? l10n.t('{0} h ago', hours) : l10n.t('{0} d ago', Math.floor(hours / 24));
}

/** Formats a local day: `21 Oct 2026`. */
export function dayText(at: number, language = 'en-GB'): string {
  return new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', year: 'numeric' }).format(at);
}

/** Formats a local day: `Today`, `Yesterday`, `21 Oct 2026`. */
export function recentDayText(at: number, now: number, language = 'en-GB'): string {
  const start = (time: number): number => new Date(time).setHours(0, 0, 0, 0);
  const days = Math.round((start(now) - start(at)) / 86_400_000);
  if (days <= 0) return l10n.t('Today');
  return days === 1 ? l10n.t('Yesterday') : dayText(at, language);
}

/** Formats local time with its zone: `2026-11-25 17:59 (UTC+1)`. */
export function exactTimeText(at: number): string {
  const minutes = -new Date(at).getTimezoneOffset();
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const offset = rest === 0 ? String(hours) : `${hours}:${String(rest).padStart(2, '0')}`;
  return `${dateText(at)} (UTC${minutes === 0 ? '' : `${minutes < 0 ? '−' : '+'}${offset}`})`;
}

/** Formats local time to the minute: `2026-11-25 17:59`. */
export function dateText(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/**
 * Formats a number: whole numbers completely, others with four significant digits, but never fewer than their integer part has.
 * Texts such as `NaN` are returned unchanged.
 */
export function numberText(value: number | string, digits = 4): string {
  if (typeof value === 'string' || Number.isInteger(value) || !Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 10 ** digits ? String(Math.round(value)) : String(Number(value.toPrecision(digits)));
}

/** Returns how many significant digits distinguish these values: from four up to fifteen. For sentences that compare numbers, such as a gate's. */
export function digitsFor(values: readonly number[]): number {
  const distinct = new Set(values);
  for (let digits = 4; digits < 15; digits += 1)
    if (new Set([...distinct].map((value) => numberText(value, digits))).size === distinct.size) return digits;
  return 15;
}

/** Decimals beyond four significant digits of the largest number in a row. The cell's title has all of them. */
const maxMoreDecimals = 3;
const manyNumbers = 20;

/**
 * Returns the format of all numbers in one row of a table: the same decimals for each, four significant digits of the largest and
 * more if they do not distinguish the numbers, or nine in ten of many, with thousands separators. Rows of very small or very large
 * numbers have exponents.
 */
export function rowFormat(values: readonly number[]): (value: number) => string {
  const finite = [...new Set(values.filter(Number.isFinite))];
  const most = Math.max(0, ...finite.map(Math.abs));
  if (most >= 1e12 || (most > 0 && most < 1e-4))
    return (value) => (value === 0 ? '0' : value.toExponential(3).replaceAll('-', '−'));
  const least = most === 0 ? 0 : Math.max(0, 3 - Math.floor(Math.log10(most)));
  const needed = Math.max(0, ...finite.map((value) => decimalsOf(String(value))));
  let format = decimalFormat(Math.min(needed, least));
  // Of many numbers two are always close, and no reader tells them all apart.
  const distinct = finite.length > manyNumbers ? finite.length * 0.9 : finite.length;
  for (let more = 1; more <= maxMoreDecimals && new Set(finite.map(format)).size < distinct; more += 1)
    format = decimalFormat(Math.min(needed, least + more));
  return format;
}

function decimalFormat(decimals: number): (value: number) => string {
  const format = new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return (value) => format.format(value).replace('-', '−');
}

function decimalsOf(text: string): number {
  const [mantissa = '', exponent = '0'] = text.split('e');
  return Math.max(0, (mantissa.split('.')[1] ?? '').length - Number(exponent));
}

/** Formats a change as a share of what it started from: `+1.1 %`; empty if that was 0 or nothing changed. */
export function shareText(base: number, delta: number): string {
  if (base === 0 || delta === 0) return '';
  return `${delta > 0 ? '+' : '−'}${numberText(Number(Math.abs((100 * delta) / base).toPrecision(2)))} %`;
}

/** Formats a number with its sign: `+0.0123`, `−3`. */
export function deltaText(delta: number): string {
  return delta > 0 ? `+${numberText(delta)}` : numberText(delta).replace('-', '−');
}

/** Formats a count with thousands separators: `1,234,567`. */
export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

/** Formats a count with its noun: `1 version`, `1,200 versions`. */
export function countOf(count: number, what: string): string {
  return `${countText(count)} ${what}${count === 1 ? '' : 's'}`;
}

/** Quotes a path as one word of a shell command, if needed. */
export function shellWord(path: string): string {
  if (/^[\p{L}\p{N}_@%+=:,./~\\-]+$/u.test(path)) return path;
  const isLiteral = /["$`!]/.test(path);
  return isLiteral ? `'${path.replaceAll("'", "'\\''")}'` : `"${path}"`;
}
