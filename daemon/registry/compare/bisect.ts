import type { Context } from '../../context.ts';
import { versionsBefore, type VersionRow } from '../../db/versions.ts';
import { RegistryError } from '../../errors.ts';
import type { Bisection, BisectStep } from '../../protocol/bisection.ts';
import type { CompareRow, MetricRow } from '../../protocol/comparison.ts';
import { columnOf, type Column } from './column.ts';
import { directionFor, metricRows, type Directions } from './metrics.ts';
import { compare, directionsOf } from './compare.ts';
import { findModel, findVersion, labelOf } from '../versions/resolve.ts';

export interface Wanted {
  model: string;
  metric: string;
  good?: string | undefined;
  bad?: string | undefined;
  /** Relative to the good value. */
  tolerance?: number | undefined;
}

const usualTolerance = 0.01;
const nearlyFull = 4 * 1024;
const maxVersions = 2000;

/**
 * Finds the version that first lost a metric for good, between a good one (default: the best before the bad one) and a bad one
 * (default: the newest with the metric), and its changes. Throws `not-found`, and `invalid-request` if the metric's direction is
 * unknown or there are no two versions to search between.
 */
export function bisect(ctx: Context, wanted: Wanted, directionsIn: (path: string) => Directions): Bisection {
  const model = findModel(ctx, wanted.model);
  const all = versionsBefore(ctx.db, model.id, Number.MAX_SAFE_INTEGER, maxVersions).toReversed();
  const withMetric = all.filter((version) => valueOf(ctx, version, wanted.metric) !== null);
  if (withMetric.length === 0) throw noMetric(wanted, all);
  const bad = wanted.bad === undefined ? withMetric.at(-1)! : findVersion(ctx, model, wanted.bad);
  const direction = directionOf(ctx, wanted, bad, directionsIn);
  const good =
    wanted.good === undefined
      ? bestBefore(ctx, withMetric, wanted, bad, direction)
      : findVersion(ctx, model, wanted.good);
  if (!good || good.number >= bad.number)
    throw new RegistryError(
      'invalid-request',
      `The good version must be older than the bad one, ${labelOf(ctx, bad)}.`,
    );
  const from = numberOf(ctx, good, wanted.metric);
  numberOf(ctx, bad, wanted.metric);
  const tolerance = Math.abs(from) * (wanted.tolerance ?? usualTolerance);
  const between = all.filter(({ number }) => number >= good.number && number <= bad.number);
  const measured = { good: columnOf(ctx, labelOf(ctx, good)), from, tolerance, direction, metric: wanted.metric };
  const steps = between.map((version) => stepOf(ctx, version, measured));
  const { first, before, recovered } = findTurn(steps);
  const comparison = first && before ? compare(ctx, [before.reference, first.reference], directionsIn) : null;
  const found = { metric: wanted.metric, direction, tolerance, steps, recovered };
  const [firstName, beforeName] = [first?.reference ?? null, before?.reference ?? null];
  const sentence = sentenceOf(wanted.metric, steps, first, before, comparison?.metrics);
  return { ...found, first: firstName, before: beforeName, comparison, sentence };
}

/** Returns a version's value of a metric; null for none. A row's metrics may be cut, so a missing one is looked up in the evidence. */
function valueOf(ctx: Context, version: VersionRow, metric: string): number | null {
  const { metrics } = version;
  const isCut = !Object.hasOwn(metrics, metric) && JSON.stringify(metrics).length > nearlyFull;
  const all = isCut ? columnOf(ctx, labelOf(ctx, version)).metrics : metrics;
  const value = Object.hasOwn(all, metric) ? all[metric] : undefined;
  return typeof value === 'number' ? value : null;
}

function numberOf(ctx: Context, version: VersionRow, metric: string): number {
  const value = valueOf(ctx, version, metric);
  if (value !== null) return value;
  throw new RegistryError('invalid-request', `${labelOf(ctx, version)} has no value for ${metric}.`);
}

function noMetric({ model, metric }: Wanted, all: readonly VersionRow[]): RegistryError {
  const names = [...new Set(all.flatMap((version) => Object.keys(version.metrics)))].slice(0, 10);
  const has = names.length === 0 ? 'none of them has metrics' : `they have ${names.join(', ')}`;
  return new RegistryError('not-found', `No version of ${model} has a value for ${metric}; ${has}.`);
}

function directionOf(
  ctx: Context,
  { metric }: Wanted,
  bad: VersionRow,
  directionsIn: (path: string) => Directions,
): 'higher' | 'lower' {
  const direction = directionFor(metric, directionsOf(ctx, [columnOf(ctx, labelOf(ctx, bad))], directionsIn));
  if (direction) return direction;
  const text = `It is not known whether a higher ${metric} is better. Set its direction under metrics in plinth.yaml.`;
  throw new RegistryError('invalid-request', text);
}

/** Returns the best version before the bad one; of equal ones the newest. */
function bestBefore(
  ctx: Context,
  versions: readonly VersionRow[],
  { metric }: Wanted,
  bad: VersionRow,
  direction: 'higher' | 'lower',
): VersionRow | undefined {
  const sign = direction === 'higher' ? 1 : -1;
  const older = versions.filter(({ number }) => number < bad.number);
  const rated = older.map((version) => ({ version, worth: sign * (valueOf(ctx, version, metric) ?? -Infinity) }));
  return rated.toSorted((a, b) => b.worth - a.worth || b.version.number - a.version.number)[0]?.version;
}

interface Measure {
  good: Column;
  from: number;
  tolerance: number;
  direction: 'higher' | 'lower';
  metric: string;
}

function stepOf(ctx: Context, version: VersionRow, { good, from, tolerance, direction, metric }: Measure): BisectStep {
  const reference = labelOf(ctx, version);
  const value = valueOf(ctx, version, metric);
  if (value === null) return { reference, value, outcome: 'unknown' };
  const pair = [good, columnOf(ctx, reference)];
  const row: MetricRow | undefined = metricRows(pair, { [metric]: direction }).find(({ name }) => name === metric);
  if (row?.notComparable[1]) return { reference, value, outcome: 'unknown' };
  const loss = direction === 'higher' ? from - value : value - from;
  return { reference, value, outcome: loss > tolerance ? 'lost' : 'good' };
}

interface Turn {
  first: BisectStep | undefined;
  before: BisectStep | undefined;
  recovered: string[];
}

/** Finds the first version after which the metric stayed lost, ignoring unknown values. */
function findTurn(steps: readonly BisectStep[]): Turn {
  const lastGood = steps.findLastIndex(({ outcome }) => outcome === 'good');
  const first = steps.find(({ outcome }, index) => index > lastGood && outcome === 'lost');
  const earlier = steps.slice(0, Math.max(0, lastGood)).filter(({ outcome }) => outcome === 'lost');
  return { first, before: first && steps[lastGood], recovered: earlier.map(({ reference }) => reference) };
}

function sentenceOf(
  metric: string,
  steps: readonly BisectStep[],
  first: BisectStep | undefined,
  before: BisectStep | undefined,
  metrics: readonly CompareRow[] | undefined,
): string {
  const bad = steps.at(-1);
  if (bad?.outcome === 'unknown')
    return `${bad.reference} cannot be compared with the good version: other evaluation data.`;
  if (!first || !before) return `${bad?.reference ?? 'it'} has not lost ${metric}.`;
  const unknown = steps.slice(steps.indexOf(before) + 1, steps.indexOf(first)).length;
  const between = unknown === 0 ? '' : `; ${unknown} between them cannot be judged`;
  const others = metrics?.filter(({ name, better }) => name !== metric && better[1] === false).length ?? 0;
  const more = others === 0 ? '' : `, and ${others} more metrics are worse`;
  return `${first.reference} lost ${metric}: ${before.value} in ${before.reference}, ${first.value} from it on${more}${between}.`;
}
