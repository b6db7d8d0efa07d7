import * as z from 'zod';
import type { Context } from '../../../context.ts';
import { runById, type RunRow } from '../../../db/tracking/runs.ts';
import { historyOf, thinnedHistory, type PointRow } from '../../../db/tracking/metrics.ts';
import { breather } from '../../../runtime/yield-to-event-loop.ts';
import { WrittenJson, invalid } from '../error-handler.ts';
import { read, int, list, maybe, maybeInt, pageSize, required, text, type Routes } from '../request-fields.ts';
import { offsetOf, pageOf } from '../page.ts';
import { idOf, ofRun } from './runs.ts';
import { pointView } from './tracking-view.ts';

const maxPoints = 25_000;
const maxRuns = 100;
const maxBuckets = 2500;

/** Routes for metric series: of one run by page, and of several runs at once for charts. */
export const history: Routes = {
  'GET metrics/get-history': read(
    ofRun.extend({ metric_key: required, page_token: maybe, max_results: maybeInt }),
    ({ ctx }, asked) => {
      const limit = pageSize(asked.max_results, maxPoints, maxPoints);
      const offset = offsetOf(asked.page_token);
      const run = runById(ctx.db, idOf(asked));
      const points = run ? historyOf(ctx.db, run.id, asked.metric_key, offset, limit + 1) : [];
      const { items, next_page_token: next } = pageOf(points, { offset, limit });
      return pageText(items, asked.metric_key, next);
    },
  ),
  'GET metrics/get-history-bulk': read(
    z.object({ run_id: list(z.string()), metric_key: text, max_results: maybeInt }),
    ({ ctx }, asked) => {
      const runs = runsOf(ctx, asked.run_id, 'GetMetricHistoryBulk', 'run_id');
      if (asked.metric_key === '') throw invalid('GetMetricHistoryBulk request must specify a metric_key.');
      const most = Math.min(asked.max_results ?? maxPoints, maxPoints);
      const found: RunPoints[] = [];
      let count = 0;
      for (const run of runs) {
        const points = historyOf(ctx.db, run.id, asked.metric_key, 0, most - count);
        if (points.length > 0) found.push({ run: run.runId, points });
        count += points.length;
        if (count >= most) break;
      }
      return bulkText(found, asked.metric_key);
    },
  ),
  'GET metrics/get-history-bulk-interval': read(
    z.object({
      run_ids: list(z.string()),
      metric_key: text,
      start_step: maybeInt,
      end_step: maybeInt,
      max_results: int.default(maxBuckets),
    }),
    ({ ctx }, asked) => {
      const runs = runsOf(ctx, asked.run_ids, 'GetMetricHistoryBulkInterval', 'run_ids');
      if (asked.metric_key === '') throw invalid('GetMetricHistoryBulkInterval request must specify a metric_key.');
      const buckets = pageSize(asked.max_results, maxBuckets, maxBuckets);
      if ((asked.start_step ?? 0) > (asked.end_step ?? Number.MAX_SAFE_INTEGER))
        throw invalid('end_step must be greater than start_step');
      const range = {
        from: asked.start_step ?? Number.MIN_SAFE_INTEGER,
        to: asked.end_step ?? Number.MAX_SAFE_INTEGER,
      };
      const metrics = runs.flatMap((run) =>
        thinnedHistory(ctx.db, run.id, asked.metric_key, range, buckets).map((point) => ({
          ...pointView(point),
          run_id: run.runId,
        })),
      );
      return { metrics };
    },
  ),
};

async function pageText(points: readonly PointRow[], key: string, next: string | undefined): Promise<WrittenJson> {
  const fields = points.length > 0 ? [`"metrics":[${await pointsText(points, key)}]`] : [];
  if (next !== undefined) fields.push(`"next_page_token":${JSON.stringify(next)}`);
  return new WrittenJson(`{${fields.join(',')}}`);
}

interface RunPoints {
  run: string;
  points: readonly PointRow[];
}

async function bulkText(found: readonly RunPoints[], key: string): Promise<WrittenJson> {
  const texts: string[] = [];
  for (const { run, points } of found) texts.push(await pointsText(points, key, { run_id: run }));
  return new WrittenJson(`{"metrics":[${texts.join(',')}]}`);
}

/** Points that are encoded before other requests may be answered. */
const pointsAtOnce = 1000;

/**
 * Encodes points as JSON, as `pointView` has them, with pauses for other requests. Creating an object of each of thousands of
 * points takes several times as long.
 */
async function pointsText(rows: readonly PointRow[], key: string, more: Record<string, string> = {}): Promise<string> {
  const start = `{"key":${JSON.stringify(key)},"value":`;
  const rest = Object.entries(more).map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const end = `${rest.join('')}}`;
  const breathe = breather();
  const texts: string[] = [];
  for (let at = 0; at < rows.length; at += pointsAtOnce) {
    if (at > 0) await breathe();
    let text = '';
    for (const [value, nan, time, step] of rows.slice(at, at + pointsAtOnce))
      text += `${text === '' ? '' : ','}${start}${nan === 1 ? '"NaN"' : value},"timestamp":${time},"step":${step}${end}`;
    texts.push(text);
  }
  return texts.join(',');
}

/** Returns those of these runs that exist, by id. */
function runsOf(ctx: Context, ids: readonly string[], request: string, field: string): RunRow[] {
  if (ids.length === 0) throw invalid(`${request} request must specify at least one ${field}.`);
  if (ids.length > maxRuns)
    throw invalid(`${request} request cannot specify more than ${maxRuns} ${field}s. Received ${ids.length}.`);
  return [...new Set(ids)].sort().flatMap((id) => runById(ctx.db, id) ?? []);
}
