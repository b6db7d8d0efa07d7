import type { Artifact, Model, Pointer, Version } from '../daemon/protocol/model.ts';
import { say } from './words.ts';

/** What people read in the tree. Pure; no VS Code here. */

const minuteMs = 60_000;

/** `now`, `5 min ago`, `3 h ago`, `2 d ago`. */
export function age(at: number, now: number): string {
  const minutes = Math.floor((now - at) / minuteMs);
  if (minutes < 1) return say('now');
  if (minutes < 60) return say('{0} min ago', minutes);
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? say('{0} h ago', hours) : say('{0} d ago', Math.floor(hours / 24));
}

/** `512 B`, `6.2 kB`, `1.4 GB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = -1;
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** Four significant digits, as they are worth comparing. */
export function number(value: number | string): string {
  if (typeof value === 'string') return value;
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  return String(Number(value.toPrecision(4)));
}

/** What says most comes first: how it does on data that it was not trained on, then on whatever data is not named. */
const telling = [/(^|[/_.-])(val|valid|validation|eval|test)([/_.-]|$)/i, /auc|acc|f1|rmse|mae|r2|loss/i];
const training = /(^|[/_.-])train(ing)?([/_.-]|$)/i;

/** The metric that says most of a version: the wanted one where it is there, else a validation metric, else the first. */
export function mainMetric(metrics: Version['metrics'], wanted = ''): [string, number | string] | undefined {
  const entries = Object.entries(metrics);
  const chosen = entries.find(([name]) => name === wanted);
  if (chosen) return chosen;
  const other = entries.filter(([name]) => !training.test(name));
  for (const pattern of telling) {
    const found = other.find(([name]) => pattern.test(name));
    if (found) return found;
  }
  return other[0] ?? entries[0];
}

export function pointerLabel(pointer: Pick<Pointer, 'kind' | 'name'>): string {
  return pointer.kind === 'alias' ? `@${pointer.name}` : pointer.name;
}

/** `production v7 · auc 0.908 · 3 new` */
export function modelDescription(model: Model, fresh: number, wanted = ''): string {
  const production = model.pointers.find(({ name, holder: held }) => name === 'production' && held !== null);
  const metric = model.current && mainMetric(model.current.metrics, wanted);
  const parts = [
    production ? `production v${production.holder}` : `v${model.latest ?? '–'}`,
    metric ? `${metric[0]} ${number(metric[1])}` : '',
    fresh > 0 ? say('{0} new', fresh) : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** `staging · auc 0.914 ▲ 0.006 · 2 h ago`: the difference is to the version before. */
export function versionDescription(version: Version, before: Version | undefined, now: number, wanted = ''): string {
  const metric = mainMetric(version.metrics, wanted);
  const earlier = metric && before?.metrics[metric[0]];
  const delta = metric && typeof metric[1] === 'number' && typeof earlier === 'number' ? metric[1] - earlier : 0;
  const change = delta === 0 ? '' : ` ${delta > 0 ? '▲' : '▼'} ${number(Math.abs(delta))}`;
  const parts = [
    version.stage === 'development' ? '' : version.stage,
    version.aliases.map((alias) => `@${alias}`).join(' '),
    metric ? `${metric[0]} ${number(metric[1])}${change}` : '',
    age(version.createdAt, now),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

export function candidateDescription(artifact: Artifact, now: number): string {
  const metric = mainMetric(artifact.metrics);
  return [metric ? `${metric[0]} ${number(metric[1])}` : '', size(artifact.size), age(artifact.seenAt, now)]
    .filter((part) => part !== '')
    .join(' · ');
}
