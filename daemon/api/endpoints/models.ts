import * as z from 'zod';
import type { Context } from '../../context.ts';
import { head } from '../../db/log.ts';
import { modelsBefore, type ModelRow } from '../../db/models.ts';
import { placesOf, policyOf, thresholdsIn } from '../../policy/policy.ts';
import type { Model, ModelDetail } from '../../protocol/model.ts';
import type { ModelRoutes } from '../../protocol/routes/models.ts';
import type { Page, Paged } from '../../protocol/shapes.ts';
import { historyOf } from '../../registry/history.ts';
import { modelsToReview, ownerOf } from '../../registry/review.ts';
import { cardOf, writeCard } from '../../registry/versions/card.ts';
import * as edit from '../../registry/versions/edit.ts';
import { mergeModels } from '../../registry/versions/merge.ts';
import { metricHistory } from '../../registry/versions/metric-history.ts';
import { reportHistory } from '../../registry/versions/report-history.ts';
import { choosePrimaryMetric, modelOf, pinMetrics } from '../../registry/versions/primary-metric.ts';
import { findModel } from '../../registry/versions/resolve.ts';
import { defaultPageSize, numberBefore } from '../page-cursor.ts';
import { newNames, touchesModel } from '../pointer-request.ts';
import type { RouteRows } from '../route.ts';
import { description, ofModel, page, paged, reason, tagging, text } from '../schema.ts';

const metricName = z.string().min(1).max(500);

export const models = {
  'GET /models': {
    role: 'viewer',
    schema: page.extend({ query: text.optional() }),
    touches: 'nothing',
    handler: ({ ctx }, request) => modelPage(ctx, request),
  },
  'GET /models/:model': {
    role: 'viewer',
    schema: ofModel,
    touches: 'nothing',
    handler: ({ ctx }, { model }) => modelDetail(ctx, findModel(ctx, model)),
  },
  'GET /models/:model/card': {
    role: 'viewer',
    schema: ofModel,
    touches: 'nothing',
    handler: ({ ctx }, { model }) => cardOf(ctx, model),
  },
  'GET /models/:model/history': {
    role: 'viewer',
    schema: ofModel.extend(paged),
    touches: 'nothing',
    handler: ({ ctx }, { model, ...asked }) => historyOf(ctx, model, asked),
  },
  'GET /models/:model/metrics': {
    role: 'viewer',
    schema: ofModel.extend({ limit: page.shape.limit }),
    touches: 'nothing',
    handler: ({ ctx }, { model, limit }) => metricHistory(ctx, model, limit),
  },
  'GET /models/:model/reports': {
    role: 'viewer',
    schema: ofModel.extend({ path: text }),
    touches: 'nothing',
    handler: async ({ ctx }, { model, path }) => ({ versions: await reportHistory(ctx, model, path) }),
  },
  'GET /review': {
    role: 'viewer',
    schema: z.strictObject({ model: text.optional() }),
    touches: 'nothing',
    handler: async ({ ctx }, { model }) => ({ models: await modelsToReview(ctx, model) }),
  },
  'POST /models/:model/card': {
    role: 'contributor',
    schema: ofModel.extend({ text: z.string() }),
    touches: touchesModel,
    handler: ({ ctx }, { model, text: written }, caller) => writeCard(ctx, caller, model, written),
  },
  'POST /models/:model/rename': {
    role: 'contributor',
    schema: ofModel.extend({ name: text }),
    touches: ({ model, name }) => ({ models: [model, ...newNames(name)] }),
    handler: ({ ctx }, { model, name }, caller) => edit.renameModel(ctx, caller, model, name),
  },
  'POST /models/:model/merge': {
    role: 'admin',
    schema: ofModel.extend({ from: text, reason }),
    touches: ({ model, from }) => ({ models: [model, from] }),
    handler: ({ ctx }, { model, from, reason: why }, caller) =>
      mergeModels(ctx, caller, { into: model, from, reason: why ?? '' }),
  },
  'POST /models/:model/metric': {
    role: 'contributor',
    schema: ofModel.extend({ metric: metricName.nullable() }),
    touches: touchesModel,
    handler: ({ ctx }, { model, metric }, caller) => choosePrimaryMetric(ctx, caller, model, metric),
  },
  'POST /models/:model/metrics': {
    role: 'contributor',
    schema: ofModel.extend({ metrics: z.array(metricName).max(50) }),
    touches: touchesModel,
    handler: ({ ctx }, { model, metrics }, caller) => pinMetrics(ctx, caller, model, () => metrics),
  },
  'POST /models/:model/describe': {
    role: 'contributor',
    schema: ofModel.extend(description),
    touches: touchesModel,
    handler: ({ ctx }, { model, description: written }, caller) => edit.describeModel(ctx, caller, model, written),
  },
  'POST /models/:model/tag': {
    role: 'contributor',
    schema: ofModel.extend(tagging),
    touches: touchesModel,
    handler: ({ ctx }, { model, key, value }, caller) => edit.tagModel(ctx, caller, model, key, value),
  },
} satisfies RouteRows<ModelRoutes>;

function modelPage(ctx: Context, request: Paged & { query?: string | undefined }): Page<Model> {
  const limit = request.limit ?? defaultPageSize;
  const query = request.query?.toLowerCase();
  const found = [];
  let from = numberBefore(request.cursor);
  for (;;) {
    const rows = modelsBefore(ctx.db, from, limit);
    found.push(...rows.filter((row) => query === undefined || row.name.toLowerCase().includes(query)));
    from = rows.at(-1)?.updatedSeq ?? 0;
    if (rows.length < limit || found.length > limit) break;
  }
  const items = found.slice(0, limit);
  const next = found.length > limit ? String(items.at(-1)?.updatedSeq) : null;
  return { items: items.map((row) => modelOf(ctx, row)), next, seq: head(ctx.db).seq };
}

function modelDetail(ctx: Context, row: ModelRow): ModelDetail {
  const model = modelOf(ctx, row);
  const policy = policyOf(ctx, row);
  const places = placesOf(policy, model.pointers);
  return { ...model, places, owner: ownerOf(ctx, row), thresholds: thresholdsIn(policy, places) };
}
