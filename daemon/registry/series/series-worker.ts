import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readEvidenceTexts, readSeriesJson, type EvidenceTexts, type Triples } from '../../formats/text/series-json.ts';
import { serve } from '../../runtime/worker-thread.ts';
import { downsample } from './downsample.ts';
import { summaryOf, type Summary } from './facts.ts';
import { cachedPoints, isCached, openCached, writeCached, type CachedSeries } from './series-cache.ts';

/** Each column lists the blobs that may have its series. If several have one of a name, the longest counts. */
export interface SeriesOperations {
  list: [{ cache: string; columns: Blob[][] }, Record<string, Summary>[]];
  /** Returns at most `wanted` points of one metric. */
  points: [{ cache: string; columns: Blob[][]; metric: string; wanted: number }, CutSeries[]];
  /** Caches the series of a blob. */
  prepare: [{ cache: string; blob: Blob }, null];
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

/** Points cached in memory between requests, over all blobs; a summary counts as `summaryPoints`. */
const maxPoints = 2_000_000;
const summaryPoints = 30;
/** Points from which a blob gets a cache file: a smaller blob is read as fast. */
const worthCaching = 2000;
/** Points up to which a chart is drawn from the cache, which has at least two points for each of its parts. */
const mostFromCache = cachedPoints / 2;

const whole = recent<Content>(maxPoints, ({ series }) => pointsIn(series));
const cut = recent<CutBlob>(maxPoints, ({ cached, held }) => cached.summaries.size * summaryPoints + held);

type Series = Map<string, Triples>;

/** What a blob contains; nothing if it cannot be read or was changed. */
interface Content {
  series: Series;
  evidence: EvidenceTexts;
}

interface CutBlob {
  cached: CachedSeries;
  /** Number of points in memory. */
  held: number;
}

serve<SeriesOperations>({
  list: ({ cache, columns }) => columns.map((blobs) => listOf(cache, blobs)),
  points: ({ cache, columns, metric, wanted }) => columns.map((blobs) => pointsOf(cache, blobs, metric, wanted)),
  prepare: ({ cache, blob }) => {
    if (isCached(cache, blob.digest)) return null;
    const content = load(blob);
    if (isWorthCaching(content)) writeCached(cache, blob.digest, reduced(content));
    return null;
  },
});

function listOf(cache: string, blobs: readonly Blob[]): Record<string, Summary> {
  const list = Object.create(null) as Record<string, Summary>;
  for (const blob of blobs)
    for (const [metric, summary] of cutSeries(cache, blob).summaries)
      if ((list[metric]?.count ?? -1) < summary.count) list[metric] = summary;
  return list;
}

function pointsOf(cache: string, blobs: readonly Blob[], metric: string, wanted: number): CutSeries {
  const read = wanted <= mostFromCache ? load : wholeContent;
  let longest: { blob: Blob; cached: CachedSeries; total: number } | undefined;
  for (const blob of blobs) {
    const cached = cutSeries(cache, blob, read);
    const total = cached.summaries.get(metric)?.count ?? 0;
    if (total > (longest?.total ?? 0)) longest = { blob, cached, total };
  }
  if (!longest) return { kept: new Float64Array(0), total: 0 };
  const { blob, cached, total } = longest;
  const isEnough = total <= cachedPoints || wanted <= mostFromCache;
  const points =
    (isEnough ? cached.points(metric) : undefined) ?? wholeContent(blob).series.get(metric) ?? new Float64Array(0);
  return { kept: downsample(points, wanted).slice(), total };
}

/** Returns the reduced series of a blob, from its cache file if there is one. */
function cutSeries(cache: string, blob: Blob, read: (blob: Blob) => Content = load): CachedSeries {
  const known = cut.get(blob.digest);
  if (known) return known.cached;
  const file = openCached(cache, blob.digest);
  return cut.put(blob.digest, file ? { cached: file, held: 0 } : cutAnew(cache, blob, read(blob))).cached;
}

/** Reduces the series of a blob. Their cache file is written when the present request has been answered, and then takes their place. */
function cutAnew(cache: string, { digest }: Blob, content: Content): CutBlob {
  const { evidence, series } = reduced(content);
  if (isWorthCaching(content)) setImmediate(() => cacheReduced(cache, digest, { evidence, series }));
  const summaries = new Map(Array.from(series, ([metric, { summary }]) => [metric, summary]));
  const held = [...series.values()].reduce((sum, { points }) => sum + points.length / 3, 0);
  return { cached: { evidence, summaries, points: (metric) => series.get(metric)?.points }, held };
}

function cacheReduced(cache: string, digest: string, content: Reduced): void {
  writeCached(cache, digest, content);
  const file = openCached(cache, digest);
  if (file && cut.get(digest)) cut.put(digest, { cached: file, held: 0 });
}

interface Reduced {
  evidence: EvidenceTexts;
  series: ReadonlyMap<string, { summary: Summary; points: Triples }>;
}

function reduced({ evidence, series }: Content): Reduced {
  const entries = Array.from(series, ([metric, points]) => {
    return [metric, { summary: summaryOf(points), points: downsample(points, cachedPoints) }] as const;
  });
  return { evidence, series: new Map(entries) };
}

function isWorthCaching({ series }: Content): boolean {
  return pointsIn(series) >= worthCaching;
}

function wholeContent(blob: Blob): Content {
  return whole.get(blob.digest) ?? whole.put(blob.digest, load(blob));
}

function load({ digest, path }: Blob): Content {
  const bytes = attempt(path);
  const isSound = bytes && `sha256:${createHash('sha256').update(bytes).digest('hex')}` === digest;
  if (!isSound) return { series: new Map(), evidence: {} };
  return { series: readSeriesJson(bytes), evidence: readEvidenceTexts(bytes) };
}

function attempt(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function pointsIn(series: ReadonlyMap<string, Triples>): number {
  return [...series.values()].reduce((sum, points) => sum + points.length / 3, 0);
}

interface Recent<T> {
  get(digest: string): T | undefined;
  /** Returns its argument. */
  put(digest: string, value: T): T;
}

/** Creates a cache of the most recently used values, up to a total size; the newest stays in any case. */
function recent<T>(most: number, sizeOf: (value: T) => number): Recent<T> {
  const known = new Map<string, { value: T; size: number }>();
  let total = 0;
  const drop = (digest: string): void => {
    total -= known.get(digest)?.size ?? 0;
    known.delete(digest);
  };
  return {
    get: (digest) => {
      const found = known.get(digest);
      if (!found) return undefined;
      known.delete(digest);
      known.set(digest, found);
      return found.value;
    },
    put: (digest, value) => {
      drop(digest);
      const size = sizeOf(value);
      known.set(digest, { value, size });
      total += size;
      for (const oldest of known.keys()) {
        if (total <= most || oldest === digest) break;
        drop(oldest);
      }
      return value;
    },
  };
}
