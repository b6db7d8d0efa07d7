/** Maps values to places on a drawing, and chooses the ticks of axes. Pure. */

/** Returns the place of a value between `from` and `to` on a drawing. A range of one value lies in the middle. */
export function linearScale(
  [low, high]: readonly [number, number],
  from: number,
  to: number,
): (value: number) => number {
  if (high === low) return () => (from + to) / 2;
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

/** Returns round values between two values, about `count` of them. */
export function valueTicks(low: number, high: number, count: number): number[] {
  if (!Number.isFinite(low) || !Number.isFinite(high) || high <= low) return [low].filter(Number.isFinite);
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= raw) ?? raw;
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.min(50, last - first + 1) }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
  ...[1, 2, 7, 14].map((count) => count * day),
];
const monthSteps = [1, 2, 3, 6, 12, 24, 60];

export interface TimeTick {
  at: number;
  label: string;
}

/** Returns times between two times at which a local minute, hour, day or month begins, at most `most` of them. */
export function timeTicks(from: number, to: number, most: number, language?: string): TimeTick[] {
  if (to <= from || most < 1) return [];
  const step = steps.find((one) => (to - from) / one <= most);
  if (step === undefined) return monthTicks(from, to, most, language);
  const format = new Intl.DateTimeFormat(
    language,
    step < day ? { hour: '2-digit', minute: '2-digit', hour12: false } : { day: 'numeric', month: 'short' },
  );
  const ticks: TimeTick[] = [];
  for (let at = firstTick(from, step); at <= to && ticks.length <= most; at = nextTick(at, step))
    ticks.push({ at, label: format.format(at) });
  return ticks;
}

function firstTick(from: number, step: number): number {
  const start = new Date(from);
  start.setHours(0, 0, 0, 0);
  let at = start.getTime();
  while (at < from) at = nextTick(at, step);
  return at;
}

/** Days are counted by the calendar, since a day with a change of the clock is longer or shorter. */
function nextTick(at: number, step: number): number {
  if (step < day) return at + step;
  const date = new Date(at);
  date.setDate(date.getDate() + step / day);
  return date.getTime();
}

function monthTicks(from: number, to: number, most: number, language?: string): TimeTick[] {
  const start = new Date(from);
  const months = (to - from) / (30 * day);
  const step = monthSteps.find((one) => months / one <= most) ?? Math.ceil(months / most);
  const format = new Intl.DateTimeFormat(language, { month: 'short', year: 'numeric' });
  const ticks: TimeTick[] = [];
  const first = Math.floor(start.getMonth() / Math.min(step, 12)) * Math.min(step, 12);
  for (let index = 0; ticks.length <= most; index += 1) {
    const at = new Date(start.getFullYear(), first + index * step, 1).getTime();
    if (at > to) return ticks;
    if (at >= from) ticks.push({ at, label: format.format(at) });
  }
  return ticks;
}
