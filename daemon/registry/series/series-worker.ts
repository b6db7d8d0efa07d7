import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readSeriesJson, type Triples } from '../../formats/text/series-json.ts';
import { serve } from '../../runtime/worker-thread.ts';
import { downsample } from './downsample.ts';
import { summaryOf, type Summary } from './facts.ts';

/** Each column lists the blobs that may have its series. If several have one of a name, the longest counts. */
export interface SeriesOperations {
  list: [{ columns: Blob[][] }, Record<string, Summary>[]];
  /** Returns at most `wanted` points of one metric. */
  points: [{ columns: Blob[][]; metric: string; wanted: number }, CutSeries[]];
}

interface Blob {
  digest: string;
  path: string;
}

/** The requested points, and the length of the whole series; empty without such a series. */
export interface CutSeries {
  kept: Triples;
  total: number;
}

interface Read {
  series: Map<string, Triples>;
  summaries: Map<string, Summary>;
  points: number;
}

/** Points cached between requests, over all blobs. */
const maxPoints = 2_000_000;
const known = new Map<string, Read>();

serve<SeriesOperations>({
  list: ({ columns }) => columns.map(listOf),
  points: ({ columns, metric, wanted }) => columns.map((blobs) => pointsOf(blobs, metric, wanted)),
});

function listOf(blobs: readonly Blob[]): Record<string, Summary> {
  const list = Object.create(null) as Record<string, Summary>;
  for (const blob of blobs) {
    const read = readBlob(blob);
    for (const [metric, points] of read.series) {
      const summary = read.summaries.get(metric) ?? summaryOf(points);
      read.summaries.set(metric, summary);
      if ((list[metric]?.count ?? -1) < summary.count) list[metric] = summary;
    }
  }
  return list;
}

function pointsOf(blobs: readonly Blob[], metric: string, wanted: number): CutSeries {
  let longest: Triples = new Float64Array(0);
  for (const blob of blobs) {
    const points = readBlob(blob).series.get(metric);
    if (points && points.length > longest.length) longest = points;
  }
  return { kept: downsample(longest, wanted).slice(), total: longest.length / 3 };
}

/** Returns the series in a blob; empty if it cannot be read or was changed. */
function readBlob({ digest, path }: Blob): Read {
  const found = known.get(digest) ?? load(digest, path);
  known.delete(digest);
  known.set(digest, found);
  let total = [...known.values()].reduce((sum, { points }) => sum + points, 0);
  for (const [oldest, { points }] of known) {
    if (total <= maxPoints || oldest === digest) break;
    known.delete(oldest);
    total -= points;
  }
  return found;
}

function load(digest: string, path: string): Read {
  const bytes = attempt(path);
  const isSound = bytes && `sha256:${createHash('sha256').update(bytes).digest('hex')}` === digest;
  const series = isSound ? readSeriesJson(bytes) : new Map<string, Triples>();
  const points = [...series.values()].reduce((sum, one) => sum + one.length / 3, 0);
  return { series, summaries: new Map(), points };
}

function attempt(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
