import type { Context } from '../../context.ts';
import { evidenceOf } from '../../db/evidence.ts';
import { isCounted } from '../../shared/evidence.ts';
import { runFolderIn, runReference, splitReference } from '../../shared/references.ts';
import type { RegistryEvent } from '../../protocol/events.ts';
import type { SeriesFacts, SeriesReply } from '../../protocol/series.ts';
import { workerScript, workerThread } from '../../runtime/worker-thread.ts';
import { comparedRun, trackedEvidence } from '../compare/compared-run.ts';
import { checkCount, directionsNear } from '../compare/compare.ts';
import { directionFor, type Directions } from '../compare/metrics.ts';
import type { SaidEvidence } from '../versions/register.ts';
import { findReference, labelOf } from '../versions/resolve.ts';
import { withBest, type Summary } from './facts.ts';
import { cutOf, seriesOfEvidence, summariesOf } from './run-series.ts';
import { seriesCacheFolder } from './series-cache.ts';
import type { CutSeries, SeriesOperations } from './series-worker.ts';

export type { CutSeries };

/** Data from ingest: directions in policy files, and current logs of runs. */
export interface Around {
  directions(path: string): Directions;
  runEvidence(folder: string): Promise<SaidEvidence[]>;
}

/** Reads the series in evidence, in a worker thread. */
export interface SeriesReader {
  /** Lists the metrics of these versions or runs that have series. Throws `not-found` and `invalid-request`. */
  list(references: readonly string[]): Promise<SeriesReply>;
  /** Returns the points of one metric, at most `wanted` for each column. */
  points(references: readonly string[], metric: string, wanted: number): Promise<CutSeries[]>;
  /** Caches the series of new evidence, before its version is opened. */
  heard(events: readonly RegistryEvent[]): void;
  close(): Promise<void>;
}

/** Sources of a column's series: blobs of evidence, or the logs of a run. */
interface Column {
  reference: string;
  run: string | null;
  /** A path to which the user's plinth.yaml may apply. */
  path: string;
  digests: string[];
}

export function seriesReader(ctx: Context, around: Around): SeriesReader {
  const thread = workerThread<SeriesOperations>(workerScript(import.meta.url, './series-worker.ts'));
  const cache = seriesCacheFolder(ctx.blobs.folder);
  const ahead = readAhead(ctx, (blob) => thread.call('prepare', { cache, blob }));
  const blobsOf = ({ digests }: Column): { digest: string; path: string }[] =>
    digests.map((digest) => ({ digest, path: ctx.blobs.pathOf(digest) }));
  const columnsOf = (references: readonly string[]): Column[] => {
    checkCount(references, 1);
    return references.map((reference) => columnOf(ctx, reference));
  };
  const runs = (columns: readonly Column[]): Promise<(SaidEvidence[] | null)[]> =>
    Promise.all(
      columns.map(async ({ run }) => (run === null ? null : (trackedEvidence(ctx, run) ?? around.runEvidence(run)))),
    );

  return {
    list: async (references) => {
      const columns = columnsOf(references);
      const read = await thread.call('list', { cache, columns: columns.map(blobsOf) });
      const evidence = await runs(columns);
      const lists = evidence.map((one, index) => (one ? summariesOf(seriesOfEvidence(one)) : (read[index] ?? {})));
      const directions = directionsNear(columns.map(({ path }) => path), (path) => around.directions(path)); // prettier-ignore
      return { versions: columns.map(({ reference }) => reference), metrics: rowsOf(lists, directions) };
    },
    points: async (references, metric, wanted) => {
      const columns = columnsOf(references);
      const read = await thread.call('points', { cache, columns: columns.map(blobsOf), metric, wanted });
      const evidence = await runs(columns);
      return evidence.map((one, index) =>
        one ? cutOf(seriesOfEvidence(one).get(metric), wanted) : (read[index] ?? cutOf(undefined, wanted)),
      );
    },
    heard: (events) => {
      for (const event of events) if (event.type === 'version.evidence/1') ahead.add(event.body.digest);
    },
    close: () => {
      ahead.stop();
      return thread.close();
    },
  };
}

/** Size from which a blob is cached ahead: a smaller one is read quickly on request. */
const largeBytes = 256 * 1024;
/** Length of the queue above which the oldest blobs are left until they are requested. */
const maxAhead = 200;

/** Time in ms that a request for new evidence has to come first: it would otherwise wait until the blob is cached, and read it again. */
const aheadAfterMs = 250;

interface ReadAhead {
  add(digest: string): void;
  stop(): void;
}

/** Caches blobs one at a time, so that a request waits for one at most. */
function readAhead(ctx: Context, prepare: (blob: { digest: string; path: string }) => Promise<unknown>): ReadAhead {
  const waiting = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let isBusy = false;
  const next = async (): Promise<void> => {
    timer = undefined;
    isBusy = true;
    for (const digest of waiting) {
      waiting.delete(digest);
      await prepare({ digest, path: ctx.blobs.pathOf(digest) }).catch(() => undefined);
    }
    isBusy = false;
  };
  return {
    add: (digest) => {
      if ((ctx.blobs.sizeOf(digest) ?? 0) < largeBytes) return;
      waiting.add(digest);
      const [oldest] = waiting;
      if (waiting.size > maxAhead && oldest !== undefined) waiting.delete(oldest);
      if (!isBusy) timer ??= setTimeout(() => void next(), aheadAfterMs).unref();
    },
    stop: () => {
      clearTimeout(timer);
      waiting.clear();
    },
  };
}

function columnOf(ctx: Context, reference: string): Column {
  const folder = runFolderIn(reference);
  if (folder !== undefined) {
    comparedRun(ctx, folder);
    return { reference: runReference(folder), run: folder, path: `${folder}/any`, digests: [] };
  }
  const { model, version } = splitReference(reference);
  const row = findReference(ctx, model, version ?? 'latest');
  const newest = new Map<string, string>();
  const counted = evidenceOf(ctx.db, row.model, row.number).filter(isCounted);
  for (const { source, digest, metrics } of counted) {
    // Reports have no metrics and may be large.
    if (Object.keys(metrics).length > 0) newest.set(source, digest);
  }
  return { reference: labelOf(ctx, row), run: null, path: row.body.source.path, digests: [...newest.values()] };
}

function rowsOf(lists: readonly Record<string, Summary>[], directions: Directions): SeriesReply['metrics'] {
  const names = [...new Set(lists.flatMap((list) => Object.keys(list)))].toSorted();
  return names.map((metric) => {
    const direction = directionFor(metric, directions);
    const of = lists.map((list): SeriesFacts | null => (list[metric] ? withBest(list[metric], direction) : null));
    return { metric, direction, of };
  });
}
