import * as z from 'zod';
import { searchRuns } from '../../../db/searchable.ts';
import * as tracking from '../../../tracking/runs.ts';
import { logInputs, logOutputs } from '../../../tracking/inputs.ts';
import { mlflowRunStatus } from '../../../shared/runs/run-status.ts';
import { invalid } from '../error-handler.ts';
import {
  change,
  read,
  double,
  int,
  list,
  longList,
  maybe,
  maybeInt,
  pageSize,
  pair,
  pairs,
  required,
  text,
  type Routes,
} from '../request-fields.ts';
import { numberOf, stagesOf, viewType } from './experiments.ts';
import { conditionsOf, ordersOf, runGrammar } from '../search/fields.ts';
import { offsetOf, pageOf } from '../page.ts';
import { runInfoView, runViews } from './tracking-view.ts';

/** A run's id; `run_uuid` is its older name, and either is accepted. */
export const ofRun = z.object({ run_id: text, run_uuid: text });

export function idOf({ run_id: id, run_uuid: older }: z.infer<typeof ofRun>): string {
  if (id !== '' || older !== '') return id || older;
  throw invalid("Missing value for required parameter 'run_id'.");
}

const metric = z.object({
  key: required,
  value: double,
  timestamp: int,
  step: int.default(0),
  model_id: maybe,
  dataset_name: maybe,
  dataset_digest: maybe,
});

function isFinalMetric(given: unknown): given is z.infer<typeof metric> {
  if (typeof given !== 'object' || given === null) return false;
  const { key, value, timestamp, step, model_id, dataset_name, dataset_digest } = given as Record<string, unknown>;
  if (typeof key !== 'string' || key === '' || !Number.isFinite(value)) return false;
  if (!Number.isSafeInteger(timestamp) || !Number.isSafeInteger(step)) return false;
  return isOptionalText(model_id) && isOptionalText(dataset_name) && isOptionalText(dataset_digest);
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function pointOf(given: z.infer<typeof metric>): tracking.LoggedPoint {
  return {
    key: given.key,
    value: given.value,
    at: given.timestamp,
    step: given.step,
    modelId: given.model_id,
    datasetName: given.dataset_name,
    datasetDigest: given.dataset_digest,
  };
}

const limits = { metrics: 1000, params: 100, tags: 100, all: 1000 } as const;

const batch = ofRun.extend({ metrics: longList(metric, isFinalMetric), params: list(pair), tags: pairs });

function checkSize({ metrics, params, tags }: z.infer<typeof batch>): void {
  const counts = { metrics: metrics.length, params: params.length, tags: tags.length };
  for (const [name, count] of Object.entries(counts)) {
    const most = limits[name as keyof typeof counts];
    if (count > most)
      throw invalid(`A batch logging request can contain at most ${most} ${name}. Got ${count} ${name}.`);
  }
  const total = metrics.length + params.length + tags.length;
  if (total > limits.all)
    throw invalid(`A batch logging request can contain at most ${limits.all} metrics, params, and tags. Got ${total}.`);
}

const status = z.string().optional();

const none = { metrics: [], params: [], tags: [] };

const writing: Routes = {
  'POST runs/create': change({
    role: 'contributor',
    schema: z.object({ experiment_id: text, user_id: text, run_name: text, start_time: int.default(0), tags: pairs }),
    touches: 'nothing',
    handler: async ({ ctx }, asked) => {
      const run = await tracking.createRun(ctx, {
        experiment: asked.experiment_id || '0',
        user: asked.user_id,
        name: asked.run_name,
        startAt: asked.start_time,
        tags: asked.tags,
      });
      return { run: runViews(ctx, [run])[0] };
    },
  }),
  'POST runs/update': change({
    role: 'contributor',
    schema: ofRun.extend({ status, end_time: maybeInt, run_name: text }),
    touches: 'nothing',
    handler: async ({ ctx }, { status: wanted, end_time: endAt, run_name: name, ...asked }) => ({
      run_info: runInfoView(
        await tracking.updateRunInfo(ctx, idOf(asked), { status: mlflowRunStatus(wanted), endAt, name }),
      ),
    }),
  }),
  'POST runs/delete': change({
    role: 'contributor',
    schema: ofRun,
    touches: 'nothing',
    handler: async ({ ctx }, asked) => {
      await tracking.moveRun(ctx, idOf(asked), 'deleted');
      return {};
    },
  }),
  'POST runs/restore': change({
    role: 'contributor',
    schema: ofRun,
    touches: 'nothing',
    handler: async ({ ctx }, asked) => {
      await tracking.moveRun(ctx, idOf(asked), 'active');
      return {};
    },
  }),
  'POST runs/log-metric': change({
    role: 'contributor',
    schema: ofRun.extend(metric.shape),
    touches: 'nothing',
    handler: async ({ ctx }, asked) => {
      await tracking.logBatch(ctx, idOf(asked), { ...none, metrics: [pointOf(asked)] });
      return {};
    },
  }),
  'POST runs/log-parameter': change({
    role: 'contributor',
    schema: ofRun.extend(pair.shape),
    touches: 'nothing',
    handler: async ({ ctx }, { key, value, ...asked }) => {
      await tracking.logBatch(ctx, idOf(asked), { ...none, params: [{ key, value }] });
      return {};
    },
  }),
  'POST runs/set-tag': change({
    role: 'contributor',
    schema: ofRun.extend(pair.shape),
    touches: 'nothing',
    handler: async ({ ctx }, { key, value, ...asked }) => {
      await tracking.logBatch(ctx, idOf(asked), { ...none, tags: [{ key, value }] });
      return {};
    },
  }),
  'POST runs/delete-tag': change({
    role: 'contributor',
    schema: ofRun.extend({ key: required }),
    touches: 'nothing',
    handler: async ({ ctx }, { key, ...asked }) => {
      await tracking.dropRunTag(ctx, idOf(asked), key);
      return {};
    },
  }),
  'POST runs/log-batch': change({
    role: 'contributor',
    schema: batch,
    touches: 'nothing',
    handler: async ({ ctx }, asked) => {
      checkSize(asked);
      const { metrics, params, tags } = asked;
      await tracking.logBatch(ctx, idOf(asked), { metrics: metrics.map(pointOf), params, tags });
      return {};
    },
  }),
};

const dataset = z.object({
  name: required,
  digest: required,
  source_type: required,
  source: required,
  schema: maybe,
  profile: maybe,
});

const noting: Routes = {
  'POST runs/log-inputs': change({
    role: 'contributor',
    schema: ofRun.extend({
      datasets: list(z.object({ dataset, tags: pairs })),
      models: list(z.object({ model_id: required })),
    }),
    touches: 'nothing',
    handler: async ({ ctx }, asked) => {
      const datasets = asked.datasets.map(
        ({ dataset: { source_type: sourceType, schema, profile, ...rest }, tags }) => ({
          dataset: { ...rest, sourceType, schema: schema ?? null, profile: profile ?? null },
          tags,
        }),
      );
      await logInputs(ctx, idOf(asked), { datasets, models: asked.models.map((model) => model.model_id) });
      return {};
    },
  }),
  'POST runs/outputs': change({
    role: 'contributor',
    schema: ofRun.extend({ models: list(z.object({ model_id: required, step: int.default(0) })) }),
    touches: 'nothing',
    handler: async ({ ctx }, asked) => {
      const models = asked.models.map(({ model_id: model, step }) => ({ model, step }));
      await logOutputs(ctx, idOf(asked), models);
      return {};
    },
  }),
  'POST runs/log-model': change({
    role: 'contributor',
    schema: ofRun.extend({ model_json: required }),
    touches: 'nothing',
    handler: async ({ ctx }, asked) => {
      await tracking.noteModel(ctx, idOf(asked), asked.model_json);
      return {};
    },
  }),
};

const reading: Routes = {
  'GET runs/get': read(ofRun, ({ ctx }, asked) => ({ run: runViews(ctx, [tracking.findRun(ctx, idOf(asked))])[0] })),
  'POST runs/search': read(
    z.object({
      experiment_ids: list(z.union([z.string(), z.number()]).transform(String)),
      filter: text,
      run_view_type: viewType,
      max_results: maybeInt,
      order_by: list(z.string()),
      page_token: maybe,
    }),
    ({ ctx }, asked) => {
      const limit = pageSize(asked.max_results, 1000, 50_000);
      const offset = offsetOf(asked.page_token);
      const where = { experiments: asked.experiment_ids.map(numberOf), stages: stagesOf(asked.run_view_type) };
      const rows = searchRuns(ctx.db, where, {
        conditions: conditionsOf(asked.filter, runGrammar),
        order: ordersOf(asked.order_by, runGrammar),
        limit: limit + 1,
        offset,
      });
      const { items, ...rest } = pageOf(rows, { offset, limit });
      return { ...(items.length > 0 && { runs: runViews(ctx, items) }), ...rest };
    },
  ),
};

export const runs: Routes = { ...writing, ...noting, ...reading };
