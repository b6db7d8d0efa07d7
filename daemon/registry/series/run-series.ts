import type { Triples } from '../../formats/text/series-json.ts';
import type { SaidEvidence } from '../versions/register.ts';
import { downsample } from './downsample.ts';
import { summaryOf, type Summary } from './facts.ts';
import type { CutSeries } from './series-worker.ts';

type Points = (number | null)[][];

/** Returns the series in a run's current logs; of equal names the longest. */
export function seriesOfEvidence(evidence: readonly SaidEvidence[]): Map<string, Triples> {
  const found = new Map<string, Triples>();
  for (const { more } of evidence) {
    const { series = {} } = (more ?? {}) as { series?: Record<string, Points | { toJSON: () => Points }> };
    for (const [metric, given] of Object.entries(series)) {
      const points = 'toJSON' in given ? given.toJSON() : given;
      if ((found.get(metric)?.length ?? 0) < 3 * points.length) found.set(metric, triplesOf(points));
    }
  }
  return found;
}

function triplesOf(points: readonly (readonly (number | null)[])[]): Triples {
  const triples = new Float64Array(3 * points.length);
  points.forEach((point, index) => point.forEach((part, at) => (triples[3 * index + at] = part ?? Number.NaN)));
  return triples;
}

export function summariesOf(series: ReadonlyMap<string, Triples>): Record<string, Summary> {
  const list = Object.create(null) as Record<string, Summary>;
  for (const [metric, points] of series) list[metric] = summaryOf(points);
  return list;
}

export function cutOf(points: Triples | undefined, wanted: number): CutSeries {
  return points
    ? { kept: downsample(points, wanted), total: points.length / 3 }
    : { kept: new Float64Array(0), total: 0 };
}
