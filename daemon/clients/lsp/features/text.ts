import { productionOf } from '../references/resolve.ts';
import type { Model } from '../../../protocol/model.ts';
import { countBetween, type KnownVersion, type Registry } from '../mirror/reducer.ts';
import { deltaText, numberText } from '../../../shared/format.ts';
import { metricOf } from '../../../shared/metrics.ts';

/** Formats the short texts beside code. Pure. */

type Metrics = KnownVersion['metrics'];

/** Formats the primary metric, `auc 0.908`; empty if it was not measured. */
export function metricText(metrics: Metrics, { primaryMetric }: Pick<Model, 'primaryMetric'>): string {
  const value = metricOf(metrics, primaryMetric?.name ?? null);
  return value === undefined ? '' : `${primaryMetric?.name} ${numberText(value)}`;
}

/** Formats the change of the primary metric from `a` to `b`, `+0.8 acc`; empty if it cannot be compared or did not change. */
function changeText(a: Metrics, b: Metrics, { primaryMetric }: Model): string {
  const [from, to] = [a, b].map((metrics) => metricOf(metrics, primaryMetric?.name ?? null));
  if (typeof from !== 'number' || typeof to !== 'number' || from === to) return '';
  return `${deltaText(to - from)} ${primaryMetric?.name}`;
}

/** How far a version is behind production's version: number of versions between, and change of the primary metric. */
export interface Behind {
  by: number;
  holder: KnownVersion;
  /** `+0.8 acc`; empty if the metrics cannot be compared. */
  delta: string;
}

/** Returns how far a version is behind production; undefined if production is empty, or the version is not older. */
export function distanceBehind(registry: Registry, model: Model, version: KnownVersion): Behind | undefined {
  const number = productionOf(model);
  const holder = number === null ? undefined : registry.versions.get(model.name)?.known.get(number);
  if (!holder || holder.number <= version.number) return undefined;
  const by = countBetween(registry, model.name, version.number, holder.number);
  return { by, holder, delta: changeText(version.metrics, holder.metrics, model) };
}
