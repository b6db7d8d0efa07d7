import { directionOf } from '../protocol/direction.ts';
import { productionOf } from './resolve.ts';
import type { Model } from '../protocol/model.ts';
import { countBetween, type KnownVersion, type Registry } from './registry.ts';

/** What is said of versions beside code. Pure. */

type Metrics = KnownVersion['metrics'];

const heldOut = /(^|[^a-z])(val|valid|validation|eval|test|holdout|dev|cv)([^a-z]|$)/i;
const training = /(^|[^a-z])train(ing)?([^a-z]|$)/i;
const minuteMs = 60_000;

/** How little a name says: those with a direction before others, of held-out data before others, training's last. */
function rankOf(name: string): number {
  return (training.test(name) ? 4 : 0) + (directionOf(name) === null ? 2 : 0) + (heldOut.test(name) ? 0 : 1);
}

/** Names of metrics, those that say most first. */
export function ranked(metrics: Metrics): string[] {
  return Object.keys(metrics).toSorted((a, b) => rankOf(a) - rankOf(b));
}

/** `auc 0.908`; empty where nothing was measured. */
export function metricText(metrics: Metrics): string {
  const [name] = ranked(metrics);
  return name === undefined ? '' : `${name} ${numberText(metrics[name] ?? '')}`;
}

/** Four significant digits. */
export function numberText(value: number | string): string {
  if (typeof value === 'string') return value;
  return Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value) : String(Number(value.toPrecision(4)));
}

/** `+0.8 acc`, from `a` to `b`: of the metrics that say most, the one that differs most. Empty where nothing can be compared. */
export function deltaText(a: Metrics, b: Metrics): string {
  const change = (name: string): number => Number(b[name]) - Number(a[name]);
  const weight = (name: string): number =>
    Math.abs(change(name)) / Math.max(Math.abs(Number(a[name])), Math.abs(Number(b[name])));
  const differing = ranked(b).filter(
    (name) => typeof a[name] === 'number' && typeof b[name] === 'number' && a[name] !== b[name],
  );
  const [first] = differing;
  const telling = differing.filter((name) => first !== undefined && rankOf(name) === rankOf(first));
  const [name] = telling.toSorted((x, y) => weight(y) - weight(x));
  if (name === undefined) return '';
  return `${change(name) > 0 ? '+' : '−'}${Number(Math.abs(change(name)).toPrecision(2))} ${name}`;
}

/** `just now`, `5 min ago`, `3 h ago`, `2 d ago`. */
export function ageText(at: number, now: number): string {
  const minutes = Math.floor((now - at) / minuteMs);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} d ago`;
}

/** How a version stands to production's holder: how many versions lie between, and what the main metric gained. */
export interface Behind {
  by: number;
  holder: KnownVersion;
  /** `+0.8 acc`; empty where nothing can be compared. */
  delta: string;
}

/** Undefined where nobody holds production, or the version is the holder or newer. */
export function behind(registry: Registry, model: Model, version: KnownVersion): Behind | undefined {
  const number = productionOf(model);
  const holder = number === null ? undefined : registry.versions.get(model.name)?.known.get(number);
  if (!holder || holder.number <= version.number) return undefined;
  const by = countBetween(registry, model.name, version.number, holder.number);
  return { by, holder, delta: deltaText(version.metrics, holder.metrics) };
}
