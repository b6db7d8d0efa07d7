import { asNumber } from './collector.ts';

/** Names under which trainers write the step of a record, the best first. */
export const stepKeys = [
  'step',
  'global_step',
  '_step',
  'iteration',
  'iter',
  'training_iteration',
  'trainer/global_step',
  'steps',
  'total_timesteps',
  'time/total_timesteps',
  'timesteps',
  'epoch',
  'epochs',
  'round',
  'boosting_round',
  'fold',
];
const timeKeys = ['time', 'timestamp', 'wall_time', '_timestamp'];
const positionKeys = new Set([...stepKeys, ...timeKeys]);

/** 2001-09-09: a smaller number of seconds is a duration, not a time of day. */
const earliestSeconds = 1e9;
const earliestMs = 1e12;
const latestMs = 1e14;

/** True for a key that says where a record stands rather than what was measured. */
export function isPosition(key: string): boolean {
  return positionKeys.has(key.toLowerCase());
}

/** The key of `keys` that holds the step; undefined when none does. */
export function stepKey(keys: readonly string[]): string | undefined {
  for (const name of stepKeys) {
    const key = keys.find((candidate) => candidate.toLowerCase() === name);
    if (key !== undefined) return key;
  }
  return undefined;
}

/** The key of `keys` that holds the time of day; undefined when none does. */
export function timeKey(keys: readonly string[]): string | undefined {
  return keys.find((key) => timeKeys.includes(key.toLowerCase()));
}

/** A step as a finite number, else null; -1 is what trainers write where there is none. */
export function asStep(value: unknown): number | null {
  const step = asNumber(value);
  return step !== undefined && Number.isFinite(step) && step !== -1 ? step : null;
}

/** Seconds, milliseconds or ISO 8601 (UTC where it names no zone) as epoch ms; null when it is not a time of day. */
export function asTime(value: unknown): number | null {
  const number = asNumber(value);
  if (number === undefined) return typeof value === 'string' ? isoTime(value) : null;
  const ms = number >= earliestMs ? number : number * 1000;
  return number >= earliestSeconds && ms < latestMs ? Math.round(ms) : null;
}

function isoTime(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text)) return null;
  const ms = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text.replace(' ', 'T')}Z`);
  return Number.isFinite(ms) ? ms : null;
}
