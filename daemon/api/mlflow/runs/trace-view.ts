import type { Context } from '../../../context.ts';
import { pairsOfEach, type Pair } from '../../../db/tracking/pairs.ts';
import type { TraceRow } from '../../../db/tracking/traces.ts';
import type { Json } from '../../../protocol/json.ts';
import { fillFields } from './tracking-view.ts';

type View = Record<string, Json>;

/** Returns traces in the form of MLflow 3 and later. */
export function traceViews({ db }: Context, rows: readonly TraceRow[]): View[] {
  const ids = rows.map(({ id }) => id);
  const tags = pairsOfEach(db, 'traceTags', ids);
  const metadata = pairsOfEach(db, 'traceMetadata', ids);
  const assessments = pairsOfEach(db, 'traceAssessments', ids);
  return rows.map((row) =>
    fillFields({
      trace_id: row.traceId,
      client_request_id: row.clientRequestId ?? undefined,
      trace_location: {
        type: 'MLFLOW_EXPERIMENT',
        mlflow_experiment: { experiment_id: String(row.experiment) },
      },
      request_preview: row.requestPreview ?? undefined,
      response_preview: row.responsePreview ?? undefined,
      request_time: new Date(row.at).toISOString(),
      execution_duration: row.duration === null ? undefined : `${(row.duration / 1000).toFixed(3)}s`,
      state: row.state,
      trace_metadata: recordOf(metadata.get(row.id)),
      tags: recordOf(tags.get(row.id)),
      assessments: assessments.get(row.id)?.map(({ value }) => JSON.parse(value) as Json),
    }),
  );
}

function recordOf(pairs: readonly Pair[] = []): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}

/** Returns traces in the form before MLflow 3. */
export function oldTraceViews({ db }: Context, rows: readonly TraceRow[]): View[] {
  const ids = rows.map(({ id }) => id);
  const tags = pairsOfEach(db, 'traceTags', ids);
  const metadata = pairsOfEach(db, 'traceMetadata', ids);
  const views = (pairs: readonly Pair[] = []): View[] => pairs.map(({ key, value }) => ({ key, value }));
  return rows.map((row) =>
    fillFields({
      request_id: row.traceId,
      experiment_id: String(row.experiment),
      timestamp_ms: row.at,
      execution_time_ms: row.duration ?? undefined,
      status: row.state,
      request_metadata: views(metadata.get(row.id)),
      tags: views(tags.get(row.id)),
    }),
  );
}
