import picomatch from 'picomatch';
import type { ExpectedVersion, Expectation, Rule } from './expectation.ts';
import type { Registered, RegisteredVersion } from './registered.ts';

/** One difference between what was registered and what the script did. */
export interface Wrong {
  rule: Rule;
  reason: string;
  /** The service has not yet decided about a file. */
  isWaiting?: true;
}

/** What the script's processes printed as `TRUTH {…}`, one item per line. */
export type Truth = Record<string, unknown>[];

type Kind = 'name' | 'versions' | 'metrics' | 'params' | 'holds' | 'others';

/** The rule that usually applies to a kind of wrong outcome. A script's own expectations may name another. */
const usual: Record<Kind, Rule> = {
  name: 'R4',
  versions: 'R2',
  metrics: 'R3',
  params: 'R3',
  holds: 'R5',
  others: 'R7',
};

type Say = (kind: Kind, reason: string, more?: { isWaiting: true }) => void;

/** Returns every difference between what is expected and what is registered; none when a person would say "yes, that is what I did". */
export function judge(expected: Expectation, truth: Truth, registered: Registered): Wrong[] {
  const found: Wrong[] = [];
  const say: Say = (kind, reason, more) => found.push({ rule: expected.rules[kind] ?? usual[kind], reason, ...more });
  const pairs = pairModels(expected, truth, registered);
  for (const [name, versions] of Object.entries(expected.models)) {
    const other = pairs.get(name);
    if (other === undefined) {
      say('versions', `no model ${name}${whatBecame(registered)}`);
      continue;
    }
    if (!name.split('|').includes(other)) say('name', `the model is called ${other}, not ${name}`);
    judgeVersions(name, versions, registered.models[other] ?? [], truth, say);
  }
  found.push(...judgeSurplus(expected, new Set(pairs.values()), registered));
  judgeOthers(expected, registered, say);
  return found;
}

/** Returns models that were not expected, in one line for each rule. */
function judgeSurplus({ never, rules }: Expectation, wanted: Set<string>, { models }: Registered): Wrong[] {
  const surplus = Object.keys(models).filter((name) => !wanted.has(name));
  const byRule = Map.groupBy(surplus, (name) => never[name] ?? rules.versions ?? usual.versions);
  return [...byRule].map(([rule, names]) => {
    const some = names.slice(0, 3).map((name) => `${name} (${models[name]?.map(({ file }) => file).join(', ')})`);
    const more = names.length > some.length ? ` and ${names.length - some.length} more` : '';
    return { rule, reason: `no such model was made: ${some.join(', ')}${more}` };
  });
}

/** Pairs each expected model with a registered one: by name, otherwise with the remaining one that has most of its files. */
function pairModels(expected: Expectation, truth: Truth, { models }: Registered): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const name of Object.keys(expected.models)) {
    const other = name.split('|').find((one) => models[one] !== undefined);
    if (other !== undefined) pairs.set(name, other);
  }
  for (const [name, versions] of Object.entries(expected.models)) {
    if (pairs.has(name)) continue;
    const taken = new Set(pairs.values());
    const left = Object.entries(models).filter(([other]) => !taken.has(other) && expected.never[other] === undefined);
    const ranked = left
      .map(([other, theirs]) => ({ other, alike: versions.filter((one) => theirs.some((v) => isOf(v, one, truth))) }))
      .toSorted((a, b) => b.alike.length - a.alike.length);
    const [best] = ranked;
    if (best && best.alike.length > 0) pairs.set(name, best.other);
  }
  return pairs;
}

function judgeVersions(
  model: string,
  expected: ExpectedVersion[],
  versions: RegisteredVersion[],
  truth: Truth,
  say: Say,
): void {
  if (versions.length !== expected.length) {
    const some = versions.slice(-4).map(({ file }) => file);
    const found = (versions.length > some.length ? ['…', ...some] : some).join(', ');
    say('versions', `${model} has ${versions.length} versions (${found}), not ${expected.length}`);
    const newest = expected.at(-1);
    const latest = versions.at(-1);
    if (newest && latest) judgeVersion(`${model}@${latest.number}, the newest,`, newest, latest, truth, say);
    return;
  }
  for (const [index, one] of expected.entries()) {
    const version = versions[index];
    if (version) judgeVersion(`${model}@${version.number}`, one, version, truth, say);
  }
}

function judgeVersion(
  name: string,
  expected: ExpectedVersion,
  version: RegisteredVersion,
  truth: Truth,
  say: Say,
): void {
  if (!isOf(version, expected, truth)) {
    say('versions', `${name} is ${version.file} of another moment or place than ${told(expected)}`);
    return;
  }
  if (expected.framework !== undefined && expected.framework !== version.framework)
    say('others', `${name} is of ${version.framework}, not ${expected.framework}`);
  const { problem } = expected;
  if (problem !== undefined && !version.problems.some((one) => new RegExp(problem, 'i').test(one)))
    say('others', `${name} tells no problem with ${problem}`);
  const missing = (expected.holds ?? []).filter((file) => !version.names.includes(file));
  if (missing.length > 0) say('holds', `${name} lacks ${missing.join(', ')}`);
  for (const kind of ['metrics', 'params'] as const)
    for (const [key, value] of Object.entries(resolved(expected[kind], truth)))
      if (!isEqual(valueAt(version[kind], key), value))
        say(
          kind,
          `${name}: ${key} is ${JSON.stringify(valueAt(version[kind], key)) ?? 'not there'}, not ${JSON.stringify(value)}`,
        );
  const unwanted = Object.keys(version.metrics).filter((key) => isUnwanted(key, expected, truth));
  if (unwanted.length > 0)
    say(
      'metrics',
      `${name} has ${unwanted.map((key) => `${key} ${version.metrics[key]}`).join(', ')} of something else`,
    );
}

function isOf(version: RegisteredVersion, expected: ExpectedVersion, truth: Truth): boolean {
  if (expected.file !== undefined && !picomatch.isMatch(version.file, expected.file)) return false;
  return expected.sha256 === undefined || version.sha256.includes(String(resolve(expected.sha256, truth)));
}

function told({ file, sha256 }: ExpectedVersion): string {
  return [file, sha256].filter(Boolean).join(' with ');
}

function isUnwanted(key: string, expected: ExpectedVersion, truth: Truth): boolean {
  const wanted = Object.keys(resolved(expected.metrics, truth)).map(plain);
  return (expected.without ?? []).some((name) =>
    name === '*' ? !wanted.includes(plain(key)) : plain(name) === plain(key),
  );
}

function judgeOthers({ others }: Expectation, { artifacts }: Registered, say: Say): void {
  for (const [pattern, { state, says }] of Object.entries(others)) {
    const found = Object.entries(artifacts).filter(([path]) => picomatch.isMatch(path, pattern));
    if (found.length === 0) say('others', `nothing is said of ${pattern}`);
    for (const [path, one] of found) {
      if (state !== undefined && one.state !== state) say('others', `${path} is ${one.state}, not ${state}`);
      if (says !== undefined && !new RegExp(says, 'i').test(one.reason))
        say('others', `of ${path} it is said: ${one.reason}`);
    }
  }
  const known = Object.keys(others);
  for (const [path, { state, reason }] of Object.entries(artifacts))
    if (state === 'waiting' && !picomatch.isMatch(path, known))
      say('others', `${path} waits: ${reason}`, { isWaiting: true });
}

/** Returns the states of the files that were seen, for a model that is missing. */
function whatBecame({ models, artifacts }: Registered): string {
  const seen = Object.entries(artifacts).map(([path, { state }]) => `${path} ${state}`);
  const names = Object.keys(models);
  return ` (${names.length > 0 ? `only ${names.join(', ')}; ` : ''}${seen.slice(0, 6).join(', ') || 'nothing was seen'})`;
}

function resolved(values: ExpectedVersion['metrics'], truth: Truth): Record<string, unknown> {
  if (typeof values !== 'string') {
    const entries = Object.entries(values ?? {});
    return Object.fromEntries(entries.map(([key, value]) => [key, resolve(value, truth)]));
  }
  const whole = resolve(values, truth);
  if (typeof whole !== 'object' || whole === null) throw new Error(`The script printed no ${values}.`);
  return { ...whole };
}

/** Returns what `TRUTH.a.b` or `TRUTH2.a` names in the script's output, from the last such line or the second; any other value as it is. */
function resolve(value: number | string, truth: Truth): unknown {
  const named = /^TRUTH(\d*)\.(.+)$/.exec(String(value));
  if (!named) return value;
  const keys = String(named[2]).split('.');
  const lines = truth.map((line) => keys.reduce<unknown>((part, key) => child(part, key), line));
  const there = lines.filter((one) => one !== undefined);
  const found = named[1] ? there[Number(named[1]) - 1] : there.at(-1);
  if (found === undefined) throw new Error(`The script printed no ${value}.`);
  return found;
}

function child(part: unknown, key: string): unknown {
  return typeof part === 'object' && part !== null ? (part as Record<string, unknown>)[key] : undefined;
}

function valueAt(values: Record<string, unknown>, key: string): unknown {
  const names = Object.keys(values);
  const same = names.find((other) => plain(other) === plain(key));
  if (same !== undefined) return values[same];
  // The name may be preceded by the name of its group or file.
  const longer = names.filter((other) => plain(other).endsWith(`_${plain(key)}`) && /[./]/.test(other));
  if (longer.length === 1) return values[String(longer[0])];
  // Params are nested, as they were written.
  return key.split('.').reduce<unknown>((part, name) => child(part, name), values);
}

/** Unifies names of nested values, which are written with a dot, a slash or an underscore. */
function plain(key: string): string {
  return key.replaceAll(/[./]/g, '_');
}

/** True for values that are equal after rounding: event files store 32 bits of a number, and MLflow stores params as text. */
function isEqual(found: unknown, value: unknown): boolean {
  if (typeof found === 'string' && typeof value === 'number') return Number(found) === value;
  if (typeof found !== 'number' || typeof value !== 'number') return JSON.stringify(found) === JSON.stringify(value);
  return Math.abs(found - value) <= 1e-6 * Math.max(1, Math.abs(value));
}
