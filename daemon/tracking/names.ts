import { randomBytes, randomInt } from 'node:crypto';
import { posix } from 'node:path';
import type { Pair } from '../db/tracking/pairs.ts';
import { RegistryError } from '../errors.ts';
import { redactedValue } from '../secrets/redact.ts';

/** Checks keys, names and values, with the error messages of MLflow's server. */

export function invalid(message: string): RegistryError {
  return new RegistryError('invalid-request', message);
}

export function checkLength(text: string, label: string, most: number): string {
  if (text.length <= most) return text;
  throw invalid(`'${label}' exceeds the maximum length of ${most} characters`);
}

const maxKeyLength = 250;

/** Checks the key of a metric, param or tag. */
export function checkKey(key: string, label: string): string {
  checkLength(key, label, maxKeyLength);
  if (!/^[\p{L}\p{N}_./: -]*$/u.test(key)) {
    throw invalid(
      `Invalid value ${JSON.stringify(key)} for parameter '${label}' supplied: Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).`,
    );
  }
  if (isNormal(key)) return key;
  throw invalid(
    `Invalid value ${JSON.stringify(key)} for parameter '${label}' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such.`,
  );
}

function isNormal(key: string): boolean {
  const normal = posix.normalize(key);
  return normal === key && key !== '.' && !/^(\.\.(\/|$)|\/)/.test(key) && !key.endsWith('/');
}

/** Cuts a text to its maximum length, as MLflow's server does with params and tags of runs. */
export function truncated(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most);
}

/** Returns a param or tag in its stored form: cut to its length, and without secrets. */
export function kept({ key, value }: Pair, most: number): Pair {
  return { key: checkKey(key, 'key'), value: truncated(redactedValue(key, value), most) };
}

/** Converts infinite values to the greatest finite one, as MLflow's server does. */
export function clamped(value: number): number {
  if (value === Infinity) return Number.MAX_VALUE;
  return value === -Infinity ? -Number.MAX_VALUE : value;
}

/** Returns 32 random hex digits. */
export function newId(): string {
  return randomBytes(16).toString('hex');
}

const adjectives = 'able amused bold brave bright calm clever crisp curious dapper eager fair gentle glad grand keen kind lively lucky merry neat noble placid polite proud quick quiet rare sincere smooth spry stately swift tidy upbeat wise witty zesty'.split(' '); // prettier-ignore
const animals = 'ant auk bat bear bee bird boar bug calf carp cat chimp cod colt crab crane crow cub deer doe dog dove duck eel elk finch fish flea fox frog gnat goat grouse hare hawk hen hog horse jay kit kite lamb lark loon lynx mare mink mole moose moth mouse mule newt owl perch pig pug quail ram rat ray seal shad shark sheep shrew skunk slug smelt snail snake sow squid stag steed stork swan toad trout vole wasp whale wolf worm wren yak'.split(' '); // prettier-ignore

/** Returns a random name: `keen-lynx-417`. */
export function inventedName(): string {
  const pick = (words: readonly string[]): string => words[randomInt(words.length)] ?? '';
  return `${pick(adjectives)}-${pick(animals)}-${randomInt(1000)}`;
}
