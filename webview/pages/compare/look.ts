import type { LinkedLook } from '../../protocol.ts';
import { usualChartLook, type ChartLook, type XAxis } from '../../components/charts/chart-points.ts';
import type { Kind, TableRow } from './matrix.ts';

/** How a person looks at a comparison. */
export interface CompareLook {
  /** True when only rows that differ are shown. */
  only: boolean;
  /** Words, or a regular expression between slashes, that names must contain. */
  filter: string;
  /** The rows of metrics that a chosen count stands for; null for all. */
  kind: Kind | null;
  /** Places of versions whose curves are not drawn; null where the page decides. */
  hiddenCurves: ReadonlySet<number> | null;
  /** Places of versions that a brush leaves out: they have no column and no curve. */
  excluded: ReadonlySet<number>;
  /** Metrics that the person took out of the table. */
  hiddenRows: ReadonlySet<string>;
  /** The param by which versions are grouped; null for none. */
  group: string | null;
  chart: ChartLook;
}

export const usualLook: CompareLook = {
  only: true,
  filter: '',
  kind: null,
  hiddenCurves: null,
  excluded: new Set(),
  hiddenRows: new Set(),
  group: null,
  chart: usualChartLook,
};

const maxFilter = 200;

/** Returns what a link to the comparison contains. */
export function linkedLook(
  { only, filter, hiddenCurves, group, chart }: CompareLook,
  versions: readonly string[],
): LinkedLook {
  return {
    all: !only,
    ...(filter !== '' && { filter }),
    ...(hiddenCurves && { hidden: versions.filter((_, place) => hiddenCurves.has(place)) }),
    ...(group !== null && { group }),
    ...(chart.x !== 'step' && { x: chart.x }),
    ...(chart.zoom && { zoom: [...chart.zoom] }),
  };
}

/** Returns the look that a link asks for. What does not have the right form is left out, as anybody may have written the link. */
export function lookOfLink(link: LinkedLook, versions: readonly string[], usual: CompareLook): CompareLook {
  const { all, filter, hidden, group, x, zoom } = link as Readonly<Record<keyof LinkedLook, unknown>>;
  const hiddenCurves = Array.isArray(hidden)
    ? new Set(versions.flatMap((reference, place) => (hidden.includes(reference) ? place : [])))
    : null;
  const range =
    Array.isArray(zoom) && zoom.length === 2 && zoom.every(Number.isFinite) ? (zoom as [number, number]) : null;
  return {
    ...usual,
    ...(typeof all === 'boolean' && { only: !all }),
    ...(typeof filter === 'string' && { filter: filter.slice(0, maxFilter) }),
    ...(typeof group === 'string' && { group }),
    hiddenCurves,
    chart: { ...usual.chart, x: isAxis(x) ? x : 'step', zoom: range && range[0] < range[1] ? range : null },
  };
}

function isAxis(x: unknown): x is XAxis {
  return typeof x === 'string' && (x === 'step' || x === 'relative' || x === 'wall' || x.startsWith('metric:'));
}

/** Returns a function that says whether a name matches a filter: all of its words, or a regular expression between slashes. */
export function matcherOf(filter: string): (name: string) => boolean {
  const expression = /^\/(.+)\/$/.exec(filter.trim())?.[1];
  if (expression !== undefined) {
    try {
      const pattern = new RegExp(expression, 'i');
      return (name) => pattern.test(name);
    } catch {
      return () => false;
    }
  }
  const words = filter.toLowerCase().split(/\s+/);
  return (name) => words.every((word) => name.toLowerCase().includes(word));
}

/** With more versions than this, only the best ones are drawn at first. */
const maxDrawn = 12;
const bestDrawn = 10;

/**
 * Returns the places of versions whose curves are not drawn until a person asks: of more than twelve, all but the baseline, the one
 * in production and the ten best by a metric.
 */
export function hiddenAtFirst(count: number, metric: TableRow | undefined, production: number | null): Set<number> {
  if (count <= maxDrawn) return new Set();
  const sign = metric?.direction === 'lower' ? 1 : -1;
  const worth = (place: number): number => {
    const value = metric?.values[place];
    return typeof value === 'number' ? value * sign : Infinity;
  };
  const places = Array.from({ length: count }, (_, place) => place);
  const best = places.toSorted((a, b) => (worth(a) === worth(b) ? a - b : worth(a) - worth(b))).slice(0, bestDrawn);
  const drawn = new Set([0, ...best, ...(production === null ? [] : [production])]);
  return new Set(places.filter((place) => !drawn.has(place)));
}
