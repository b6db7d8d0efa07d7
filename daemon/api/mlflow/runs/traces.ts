import * as z from 'zod';
import type { Context } from '../../../context.ts';
import { searchTraces } from '../../../db/searchable.ts';
import type { TraceRow } from '../../../db/tracking/traces.ts';
import type { Json } from '../../../protocol/json.ts';
import { newId } from '../../../tracking/names.ts';
import { findTrace } from '../../../tracking/assessments.ts';
import * as tracking from '../../../tracking/traces.ts';
import { assessments } from './assessments.ts';
import { numberOf } from './experiments.ts';
import { invalid } from '../error-handler.ts';
import {
  change,
  list,
  read,
  maybe,
  maybeInt,
  pageSize,
  pair,
  pairs,
  required,
  text,
  type Routes,
} from '../request-fields.ts';
import { conditionsOf, ordersOf, traceGrammar } from '../search/fields.ts';
import { offsetOf, pageOf } from '../page.ts';
import { oldTraceViews, traceViews } from './trace-view.ts';

const record = z.record(z.string(), z.string()).default({});
const location = z.object({ mlflow_experiment: z.object({ experiment_id: required }).optional() });

const info = z.object({
  trace_id: required,
  client_request_id: maybe,
  trace_location: location,
  request_preview: maybe,
  response_preview: maybe,
  request_time: required,
  execution_duration: z
    .string()
    .regex(/^\d{1,12}(\.\d{1,9})?s$/)
    .optional(),
  state: z.enum(tracking.traceStates).default('STATE_UNSPECIFIED'),
  trace_metadata: record,
  tags: record,
  assessments: list(z.record(z.string(), z.json())),
});

function pairsIn(values: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

/** Parses an RFC 3339 time to epoch ms. Throws for another text. */
function timeOf(given: string): number {
  const at = Date.parse(given);
  if (Number.isNaN(at))
    throw invalid(`Invalid value ${JSON.stringify(given)} for parameter 'trace.trace_info.request_time' supplied.`);
  return at;
}

function experimentOf({ mlflow_experiment: experiment }: z.infer<typeof location>): string {
  if (experiment) return experiment.experiment_id;
  throw invalid('A trace belongs to an experiment here: trace_location must name one (mlflow_experiment).');
}

async function start(ctx: Context, given: z.infer<typeof info>): Promise<TraceRow> {
  const duration = given.execution_duration;
  return tracking.noteTrace(ctx, {
    traceId: given.trace_id,
    experiment: experimentOf(given.trace_location),
    clientRequestId: given.client_request_id ?? null,
    at: timeOf(given.request_time),
    duration: duration === undefined ? null : Math.round(Number(duration.slice(0, -1)) * 1000),
    state: given.state,
    requestPreview: given.request_preview ?? null,
    responsePreview: given.response_preview ?? null,
    metadata: pairsIn(given.trace_metadata),
    tags: pairsIn(given.tags),
    assessments: given.assessments as Record<string, Json>[],
  });
}

const page = z.object({ filter: text, max_results: maybeInt, order_by: list(z.string()), page_token: maybe });

function findTraces(ctx: Context, ids: readonly string[], asked: z.infer<typeof page>): { items: TraceRow[] } {
  const limit = pageSize(asked.max_results, 100, 500);
  const offset = offsetOf(asked.page_token);
  const rows = searchTraces(ctx.db, ids.map(numberOf), {
    conditions: conditionsOf(asked.filter, traceGrammar),
    order: ordersOf(asked.order_by, traceGrammar),
    limit: limit + 1,
    offset,
  });
  return pageOf(rows, { offset, limit });
}

const ofTrace = z.object({ trace_id: required });
const tag = change({
  role: 'contributor',
  schema: ofTrace.extend(pair.shape),
  touches: 'nothing',
  handler: async ({ ctx }, { trace_id: id, key, value }) => {
    await tracking.tagTrace(ctx, id, { key, value });
    return {};
  },
});
const untag = change({
  role: 'contributor',
  schema: ofTrace.extend({ key: required }),
  touches: 'nothing',
  handler: async ({ ctx }, { trace_id: id, key }) => {
    await tracking.untagTrace(ctx, id, key);
    return {};
  },
});
const remove = change({
  role: 'contributor',
  schema: z.object({
    experiment_id: required,
    max_timestamp_millis: maybeInt,
    max_traces: maybeInt,
    request_ids: list(z.string()),
  }),
  touches: 'nothing',
  handler: async ({ ctx }, asked) => {
    const which = { ids: asked.request_ids, until: asked.max_timestamp_millis, most: asked.max_traces };
    return { traces_deleted: await tracking.deleteTraces(ctx, asked.experiment_id, which) };
  },
});

const third: Routes = {
  'POST 3.0/traces': change({
    role: 'contributor',
    schema: z.object({ trace: z.object({ trace_info: info }) }),
    touches: 'nothing',
    handler: async ({ ctx }, { trace }) => ({
      trace: { trace_info: traceViews(ctx, [await start(ctx, trace.trace_info)])[0] },
    }),
  }),
  'POST 3.0/traces/search': read(page.extend({ locations: list(location) }), ({ ctx }, asked) => {
    const { items, ...rest } = findTraces(ctx, asked.locations.map(experimentOf), asked);
    return { traces: traceViews(ctx, items), ...rest };
  }),
  'POST 3.0/traces/delete-traces': remove,
  'GET 3.0/traces/:trace_id': read(ofTrace, ({ ctx }, { trace_id: id }) => ({
    trace: { trace_info: traceViews(ctx, [findTrace(ctx, id)])[0] ?? {} },
  })),
  'PATCH 3.0/traces/:trace_id/tags': tag,
  'DELETE 3.0/traces/:trace_id/tags': untag,
  ...assessments,
};

const ended = z.object({ timestamp_ms: maybeInt, status: maybe, request_metadata: pairs, tags: pairs });

/** Routes of clients before MLflow 3, which start and end a trace and name it by its request. */
const second: Routes = {
  'POST traces': change({
    role: 'contributor',
    schema: ended.extend({ experiment_id: required }),
    touches: 'nothing',
    handler: async ({ ctx }, asked) => {
      const trace = await tracking.noteTrace(ctx, {
        traceId: `tr-${newId()}`,
        experiment: asked.experiment_id,
        clientRequestId: null,
        at: asked.timestamp_ms ?? ctx.now(),
        duration: null,
        state: 'IN_PROGRESS',
        requestPreview: null,
        responsePreview: null,
        metadata: asked.request_metadata,
        tags: asked.tags,
        assessments: [],
      });
      return { trace_info: oldTraceViews(ctx, [trace])[0] };
    },
  }),
  'PATCH traces/:trace_id': change({
    role: 'contributor',
    schema: ended.extend(ofTrace.shape),
    touches: 'nothing',
    handler: async ({ ctx }, asked) => {
      const trace = await tracking.endTrace(ctx, asked.trace_id, {
        endAt: asked.timestamp_ms ?? ctx.now(),
        state: tracking.traceStates.find((known) => known === asked.status) ?? 'OK',
        metadata: asked.request_metadata,
        tags: asked.tags,
      });
      return { trace_info: oldTraceViews(ctx, [trace])[0] };
    },
  }),
  'GET traces': read(page.extend({ experiment_ids: list(z.string()) }), ({ ctx }, asked) => {
    const { items, ...rest } = findTraces(ctx, asked.experiment_ids, asked);
    return { traces: oldTraceViews(ctx, items), ...rest };
  }),
  'GET traces/:trace_id/info': read(ofTrace, ({ ctx }, { trace_id: id }) => ({
    trace_info: oldTraceViews(ctx, [findTrace(ctx, id)])[0] ?? {},
  })),
  'PATCH traces/:trace_id/tags': tag,
  'DELETE traces/:trace_id/tags': untag,
  'POST traces/delete-traces': remove,
  'POST traces/link-to-run': change({
    role: 'contributor',
    schema: z.object({ trace_ids: list(z.string()), run_id: required }),
    touches: 'nothing',
    handler: async ({ ctx }, asked) => {
      await tracking.linkTraces(ctx, asked.trace_ids, asked.run_id);
      return {};
    },
  }),
};

/** Routes below `traces`: those of version 3, and the older ones, which newer clients use for tags and links. */
export const traces: Routes = { ...third, ...second };
