import { asNumber } from './collector.ts';

/** Names under which trainers write the step of a record, the best first. */
const STEP_KEYS = [
  'step',
  'global_step',
  '_step',
  'iteration',
  'iter',
  'training_iteration',
  'trainer/global_step',
  'epoch',
  'fold',
];
const TIME_KEYS = ['time', 'timestamp', 'wall_time', '_timestamp'];
const POSITION_KEYS = new Set([...STEP_KEYS, ...TIME_KEYS]);

/** 2001-09-09: a smaller number of seconds is a duration, not a time of day. */
const EARLIEST_SECONDS = 1e9;
const EARLIEST_MS = 1e12;
const LATEST_MS = 1e14;

/** True for a key that says where a record stands rather than what was measured. */
export function isPosition(key: string): boolean {
  return POSITION_KEYS.has(key.toLowerCase());
}

/** The key of `keys` that holds the step; undefined when none does. */
export function stepKey(keys: readonly string[]): string | undefined {
  for (const name of STEP_KEYS) {
    const key = keys.find((candidate) => candidate.toLowerCase() === name);
    if (key !== undefined) return key;
  }
  return undefined;
}

/** The key of `keys` that holds the time of day; undefined when none does. */
export function timeKey(keys: readonly string[]): string | undefined {
  return keys.find((key) => TIME_KEYS.includes(key.toLowerCase()));
}

/** A step as a finite number, else null. */
export function asStep(value: unknown): number | null {
  const step = asNumber(value);
  return step !== undefined && Number.isFinite(step) ? step : null;
}

/** Seconds, milliseconds or ISO 8601 (UTC where it names no zone) as epoch ms; null when it is not a time of day. */
export function asTime(value: unknown): number | null {
  const number = asNumber(value);
  if (number === undefined) return typeof value === 'string' ? isoTime(value) : null;
  const ms = number >= EARLIEST_MS ? number : number * 1000;
  return number >= EARLIEST_SECONDS && ms < LATEST_MS ? Math.round(ms) : null;
}

function isoTime(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text)) return null;
  const ms = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text.replace(' ', 'T')}Z`);
  return Number.isFinite(ms) ? ms : null;
}
