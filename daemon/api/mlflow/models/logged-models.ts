import * as z from 'zod';
import { searchLoggedModels } from '../../../db/searchable.ts';
import type { Ordering } from '../../../db/search.ts';
import * as tracking from '../../../tracking/logged-models.ts';
import { invalid } from '../error-handler.ts';
import {
  change,
  read,
  flag,
  list,
  maybe,
  maybeInt,
  pageSize,
  pairs,
  required,
  text,
  type Routes,
} from '../request-fields.ts';
import { numberOf } from '../runs/experiments.ts';
import { conditionsOf, loggedModelGrammar, ordersOf } from '../search/fields.ts';
import { offsetOf, pageOf } from '../page.ts';
import { loggedModelView } from '../runs/tracking-view.ts';

const ofModel = z.object({ model_id: required });

const statuses: Record<string, string> = {
  READY: 'LOGGED_MODEL_READY',
  FAILED: 'LOGGED_MODEL_UPLOAD_FAILED',
  PENDING: 'LOGGED_MODEL_PENDING',
  '1': 'LOGGED_MODEL_PENDING',
  '2': 'LOGGED_MODEL_READY',
  '3': 'LOGGED_MODEL_UPLOAD_FAILED',
};

function statusOf(given: string): string {
  const status = statuses[given] ?? Object.values(statuses).find((known) => known === given);
  if (status !== undefined) return status;
  throw invalid(`Invalid value ${JSON.stringify(given)} for parameter 'status' supplied.`);
}

const order = z.object({
  field_name: required,
  ascending: flag.optional(),
  dataset_name: maybe,
  dataset_digest: maybe,
});

const searching = z.object({
  experiment_ids: z.array(z.string()).optional(),
  filter: text,
  datasets: list(z.object({ dataset_name: required, dataset_digest: maybe })),
  max_results: maybeInt,
  order_by: list(order),
  page_token: maybe,
});

function orderOf({ field_name: field, ascending }: z.infer<typeof order>): Ordering[] {
  return ordersOf([field], loggedModelGrammar).map((one) => ({ ...one, descending: ascending === false }));
}

/** Routes below `logged-models`; `:model_id` and `:key` are parts of the path. */
export const loggedModels: Routes = {
  'POST logged-models': change({
    role: 'contributor',
    schema: z.object({
      experiment_id: required,
      name: text,
      model_type: maybe,
      source_run_id: maybe,
      params: pairs,
      tags: pairs,
    }),
    touches: 'nothing',
    handler: async ({ ctx }, asked) => {
      const model = await tracking.createLoggedModel(ctx, {
        experiment: asked.experiment_id,
        name: asked.name,
        type: asked.model_type ?? null,
        sourceRun: asked.source_run_id ?? null,
        params: asked.params,
        tags: asked.tags,
      });
      return { model: loggedModelView(ctx, model) };
    },
  }),
  'POST logged-models/search': read(searching, ({ ctx }, asked) => {
    if (asked.experiment_ids === undefined) throw invalid("Missing value for required parameter 'experiment_ids'.");
    const limit = pageSize(asked.max_results === 0 ? undefined : asked.max_results, 100, 50_000);
    const bound = JSON.stringify([asked.experiment_ids, asked.filter, asked.order_by]);
    const offset = offsetOf(asked.page_token, bound);
    const datasets = asked.datasets.map((one) => ({ name: one.dataset_name, digest: one.dataset_digest ?? null }));
    const rows = searchLoggedModels(
      ctx.db,
      { experiments: asked.experiment_ids.map(numberOf), datasets },
      {
        conditions: conditionsOf(asked.filter, loggedModelGrammar),
        order: asked.order_by.flatMap(orderOf),
        limit: limit + 1,
        offset,
      },
    );
    const { items, ...rest } = pageOf(rows, { offset, limit, bound });
    return { ...(items.length > 0 && { models: items.map((row) => loggedModelView(ctx, row)) }), ...rest };
  }),
  'GET logged-models/:model_id': read(ofModel.extend({ allow_deleted: flag.optional() }), ({ ctx }, asked) => {
    const found = asked.allow_deleted === true ? tracking.anyLoggedModel : tracking.findLoggedModel;
    return { model: loggedModelView(ctx, found(ctx, asked.model_id)) };
  }),
  'PATCH logged-models/:model_id': change({
    role: 'contributor',
    schema: ofModel.extend({ status: required }),
    touches: 'nothing',
    handler: async ({ ctx }, asked) => ({
      model: loggedModelView(ctx, await tracking.finishLoggedModel(ctx, asked.model_id, statusOf(asked.status))),
    }),
  }),
  'DELETE logged-models/:model_id': change({
    role: 'contributor',
    schema: ofModel,
    touches: 'nothing',
    handler: async ({ ctx }, { model_id: id }) => {
      await tracking.deleteLoggedModel(ctx, id);
      return {};
    },
  }),
  'PATCH logged-models/:model_id/tags': change({
    role: 'contributor',
    schema: ofModel.extend({ tags: pairs }),
    touches: 'nothing',
    handler: async ({ ctx }, asked) => ({
      model: loggedModelView(ctx, await tracking.tagLoggedModel(ctx, asked.model_id, asked.tags)),
    }),
  }),
  'DELETE logged-models/:model_id/tags/:key': change({
    role: 'contributor',
    schema: ofModel.extend({ key: required }),
    touches: 'nothing',
    handler: async ({ ctx }, asked) => {
      await tracking.untagLoggedModel(ctx, asked.model_id, asked.key);
      return {};
    },
  }),
  'POST logged-models/:model_id/params': change({
    role: 'contributor',
    schema: ofModel.extend({ params: pairs }),
    touches: 'nothing',
    handler: async ({ ctx }, asked) => {
      await tracking.addLoggedModelParams(ctx, asked.model_id, asked.params);
      return {};
    },
  }),
};
