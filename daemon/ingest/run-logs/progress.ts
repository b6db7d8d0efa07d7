import type { LogProgress } from '../../db/artifacts.ts';
import type { RunLog } from './cache.ts';
import type { Series } from './series.ts';

/** Compares how far run logs have come, to find out whether a later one continues an earlier one. */

/** Returns the progress of the series with the smallest steps, or of the given one; undefined for a log without steps. */
export function progressOf({ path, reader, values }: RunLog, metric?: string): LogProgress | undefined {
  const names = metric === undefined ? Object.keys(values.series).toSorted() : [metric];
  const all = names.flatMap((name) => progressIn(name, values.series[name]) ?? []);
  const [finest] = all.toSorted((a, b) => (a.gap ?? Infinity) - (b.gap ?? Infinity));
  return finest && { path, reader, ...finest };
}

function progressIn(metric: string, series: Series | undefined): Omit<LogProgress, 'path' | 'reader'> | undefined {
  const last = series?.steps.at(-1) ?? NaN;
  if (!series || Number.isNaN(last) || Number.isNaN(series.course.since)) return undefined;
  const gap = last - (series.steps.at(-2) ?? NaN);
  const { value, since, restarts } = series.course;
  const first = Number.isFinite(value) ? value : null;
  return { metric, value: first, since, restarts, last, gap: gap > 0 ? gap : null };
}

/**
 * Returns `same` if a log continues what an earlier process logged, `another` if it began again at its first step; undefined if
 * too little was logged. `isAppended`: the file still holds the earlier part.
 */
export function continuationOf(
  before: LogProgress,
  now: LogProgress,
  isAppended: boolean,
): 'same' | 'another' | undefined {
  if (isAppended && now.restarts === before.restarts)
    return now.since === before.since && now.last > before.last ? 'same' : undefined;
  if (now.since <= before.since) return 'another';
  const step = before.gap ?? 1;
  if (now.since > before.last + 2 * step) return undefined;
  if (now.gap === null) return isAppended || now.since === before.last + step ? 'same' : undefined;
  // A training that logs at wider steps than the earlier one has its first step inside of that one's.
  return now.gap <= step || now.since > 2 * now.gap ? 'same' : undefined;
}
