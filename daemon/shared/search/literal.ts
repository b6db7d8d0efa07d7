/** A value in a filter: its text, and the number that it means; null if it means none. */
export interface Literal {
  text: string;
  number: number | null;
  at: number;
  /** What the number means: a duration in ms, a size in bytes, or a time; absent for a plain number. */
  quantity?: 'duration' | 'size' | 'time';
  /** End of the month, day, minute or second that a date names, exclusive. */
  until?: number;
}

const durations: Readonly<Record<string, number>> = {
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const sizes: Readonly<Record<string, number>> = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 };
const number = /^[+-]?(?:\d+(?:_\d{3})*(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?/i;
const date = /^\d{4}-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})?)?)?$/;

/** Reads a word of a filter: a number, a duration (`7d`, `90min`), a size (`10MB`), a date (`2026-11-01`), or just text. */
export function readLiteral(text: string, at: number): Literal {
  if (date.test(text)) return readDate(text, at);
  if (/^[+-]?inf(inity)?$/i.test(text)) return { text, number: text.startsWith('-') ? -Infinity : Infinity, at };
  const digits = number.exec(text)?.[0];
  if (digits === undefined) return { text, number: null, at };
  const value = Number(digits.replaceAll('_', ''));
  const suffix = text.slice(digits.length).toLowerCase();
  if (suffix === '') return { text, number: value, at };
  if (Object.hasOwn(durations, suffix)) return { text, number: value * durations[suffix]!, at, quantity: 'duration' };
  if (Object.hasOwn(sizes, suffix)) return { text, number: value * sizes[suffix]!, at, quantity: 'size' };
  return { text, number: null, at };
}

/** Reads a date; text that names none, such as `2026-13-01`, is just text. A date without a zone is local, as dates are shown. */
function readDate(text: string, at: number): Literal {
  const start = new Date(text.length <= 10 ? `${text.length === 7 ? `${text}-01` : text}T00:00` : text);
  if (Number.isNaN(start.getTime())) return { text, number: null, at };
  const end = new Date(start);
  if (text.length === 7) end.setMonth(end.getMonth() + 1);
  else if (text.length === 10) end.setDate(end.getDate() + 1);
  else end.setTime(end.getTime() + (text.split(':').length > 2 ? 1000 : 60_000));
  return { text, number: start.getTime(), at, quantity: 'time', until: end.getTime() };
}
