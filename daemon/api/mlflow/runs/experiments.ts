import * as z from 'zod';
import { experimentByName } from '../../../db/tracking/runs.ts';
import { datasetSummaries } from '../../../db/tracking/inputs.ts';
import { searchExperiments } from '../../../db/searchable.ts';
import * as tracking from '../../../tracking/experiments.ts';
import type { Context } from '../../../context.ts';
import { MlflowError, invalid } from '../error-handler.ts';
import {
  change,
  read,
  list,
  maybe,
  maybeInt,
  pageSize,
  pair,
  pairs,
  required,
  text,
  type Routes,
} from '../request-fields.ts';
import { conditionsOf, experimentGrammar, ordersOf } from '../search/fields.ts';
import { offsetOf, pageOf } from '../page.ts';
import { experimentView } from './tracking-view.ts';

const byId = z.object({ experiment_id: required });

export const viewType = z.string().optional();

/** Returns the lifecycle stages of a view type; an unknown one gets MLflow's default. */
export function stagesOf(view: string | undefined): string[] {
  if (view === 'DELETED_ONLY' || view === '2') return ['deleted'];
  return view === 'ALL' || view === '3' ? ['active', 'deleted'] : ['active'];
}

const searching = z.object({
  max_results: maybeInt,
  page_token: maybe,
  filter: text,
  order_by: list(z.string()),
  view_type: viewType,
});

const search = read(searching, ({ ctx }, asked) => {
  const limit = pageSize(asked.max_results, 0, 50_000);
  const offset = offsetOf(asked.page_token);
  const rows = searchExperiments(ctx.db, stagesOf(asked.view_type), {
    conditions: conditionsOf(asked.filter, experimentGrammar),
    order: ordersOf(asked.order_by, experimentGrammar),
    limit: limit + 1,
    offset,
  });
  const { items, ...rest } = pageOf(rows, { offset, limit });
  return { ...(items.length > 0 && { experiments: items.map((row) => experimentView(ctx, row)) }), ...rest };
});

export const experiments: Routes = {
  'POST experiments/create': change({
    role: 'contributor',
    schema: z.object({ name: required, artifact_location: text, tags: pairs }),
    touches: 'nothing',
    handler: async ({ ctx }, { name, artifact_location: location, tags }) => ({
      experiment_id: String(await tracking.createExperiment(ctx, { name, location, tags })),
    }),
  }),
  'GET experiments/get': read(byId, ({ ctx }, { experiment_id: id }) => ({
    experiment: experimentView(ctx, tracking.findExperiment(ctx, id)),
  })),
  'GET experiments/get-by-name': read(
    z.object({ experiment_name: required }),
    ({ ctx }, { experiment_name: name }) => ({
      experiment: experimentView(ctx, requireByName(ctx, name)),
    }),
  ),
  'GET experiments/search': search,
  'POST experiments/search': search,
  'POST experiments/update': change({
    role: 'contributor',
    schema: byId.extend({ new_name: required }),
    touches: 'nothing',
    handler: async ({ ctx }, asked) => {
      await tracking.renameExperiment(ctx, asked.experiment_id, asked.new_name);
      return {};
    },
  }),
  'POST experiments/delete': change({
    role: 'contributor',
    schema: byId,
    touches: 'nothing',
    handler: async ({ ctx }, { experiment_id: id }) => {
      await tracking.deleteExperiment(ctx, id);
      return {};
    },
  }),
  'POST experiments/restore': change({
    role: 'contributor',
    schema: byId,
    touches: 'nothing',
    handler: async ({ ctx }, { experiment_id: id }) => {
      await tracking.restoreExperiment(ctx, id);
      return {};
    },
  }),
  'POST experiments/set-experiment-tag': change({
    role: 'contributor',
    schema: byId.extend(pair.shape),
    touches: 'nothing',
    handler: async ({ ctx }, { experiment_id: id, ...tag }) => {
      await tracking.tagExperiment(ctx, id, tag);
      return {};
    },
  }),
  'POST experiments/delete-experiment-tag': change({
    role: 'contributor',
    schema: byId.extend({ key: required }),
    touches: 'nothing',
    handler: async ({ ctx }, asked) => {
      await tracking.untagExperiment(ctx, asked.experiment_id, asked.key);
      return {};
    },
  }),
  'POST experiments/search-datasets': read(z.object({ experiment_ids: list(z.string()) }), ({ ctx }, asked) => {
    const ids = asked.experiment_ids;
    if (ids.length === 0) throw invalid('SearchDatasets request must specify at least one experiment_id.');
    if (ids.length > 20) {
      const text = `SearchDatasets request cannot specify more than 20 experiment_ids. Received ${ids.length} experiment_ids.`;
      throw invalid(text);
    }
    const found = datasetSummaries(ctx.db, ids.map(numberOf), 1000);
    return {
      dataset_summaries: found.map(({ experiment, context, ...rest }) => ({
        experiment_id: String(experiment),
        ...rest,
        ...(context !== null && { context }),
      })),
    };
  }),
};

/** Returns an experiment's id as a number; -1, which no experiment has, for other text. */
export function numberOf(id: string): number {
  return /^\d{1,15}$/.test(id) ? Number(id) : -1;
}

function requireByName(ctx: Context, name: string): NonNullable<ReturnType<typeof experimentByName>> {
  const found = experimentByName(ctx.db, name);
  if (found) return found;
  throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Could not find experiment with name '${name}'`);
}
