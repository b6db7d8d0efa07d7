import { asNumber } from './collector.ts';

/** Keys under which trainers write the step of a record, the best first. */
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

/** 2001-09-09 in seconds. A smaller number is a duration. */
const earliestSeconds = 1e9;
const earliestMs = 1e12;
const latestMs = 1e14;

/** True for a key that gives a record's step or time, not a metric. */
export function isPosition(key: string): boolean {
  return positionKeys.has(key.toLowerCase());
}

/** Returns the key that holds the step; undefined if none does. */
export function stepKey(keys: readonly string[]): string | undefined {
  for (const name of stepKeys) {
    const key = keys.find((candidate) => candidate.toLowerCase() === name);
    if (key !== undefined) return key;
  }
  return undefined;
}

/** Returns the key that holds the time of day; undefined if none does. */
export function timeKey(keys: readonly string[]): string | undefined {
  return keys.find((key) => timeKeys.includes(key.toLowerCase()));
}

/** Converts a step to a finite number; null for anything else and for -1, which trainers write for no step. */
export function asStep(value: unknown): number | null {
  const step = asNumber(value);
  return step !== undefined && Number.isFinite(step) && step !== -1 ? step : null;
}

/** Converts seconds, milliseconds or ISO 8601 (UTC without a zone) to epoch ms; null for what is no time of day. */
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
