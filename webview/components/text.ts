import type { Json } from '../../daemon/protocol/json.ts';

const longest = 160;

/** Formats a number with six significant digits, enough to see a difference that matters. */
export function numberText(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e9 ? String(value) : String(Number(value.toPrecision(6)));
}

/** Returns a value as its cell shows it. Digests are shortened. */
export function cellText(value: Json | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return numberText(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const short = text.replace(/^((?:sha256:)?[0-9a-f]{12})[0-9a-f]{52}$/, '$1…');
  return short.length > longest ? `${short.slice(0, longest - 1)}…` : short;
}

/** Returns `512 B`, `6.2 kB`, `1.4 GB`. */
export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  return unit === 0 ? `${bytes} B` : `${value.toFixed(1)} ${units[unit]}`;
}

/** Returns rows as a Markdown table; the first is its header. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll(/[|\\]/g, '\\$&').replaceAll('\n', ' ')).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(head.map(() => '---')), ...body.map(line), ''].join('\n');
}

/** Returns rows as CSV (RFC 4180). Cells that a spreadsheet would read as a formula become text. */
export function csvTable(rows: readonly (readonly string[])[]): string {
  const cell = (text: string): string => {
    const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** Returns a text or number as it is; empty for any other JSON value. */
export function plainText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Characters that change the direction of the text after them, up to the end of its paragraph. */
const directionControls = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Returns a text without characters that reverse what stands after it, for sentences that contain names of anybody. */
export function withoutDirection(text: string): string {
  return text.replaceAll(directionControls, '');
}
