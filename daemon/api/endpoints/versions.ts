import { resolve } from 'node:path';
import * as z from 'zod';
import type { VersionRoutes } from '../../protocol/routes/versions.ts';
import { bisect } from '../../registry/compare/bisect.ts';
import { compare } from '../../registry/compare/compare.ts';
import { detachEvidence } from '../../registry/versions/detach.ts';
import * as edit from '../../registry/versions/edit.ts';
import { logMetrics } from '../../registry/versions/log-metrics.ts';
import { materialise } from '../../registry/versions/materialize.ts';
import { findReference, requireUsable } from '../../registry/versions/resolve.ts';
import { siblingsOf } from '../../registry/versions/siblings.ts';
import { searchVersions } from '../../registry/versions/search.ts';
import { maxFoundItems } from '../../shared/paging.ts';
import { splitReferences } from '../../shared/references.ts';
import { newNames, touchesModel } from '../pointer-request.ts';
import type { RouteRows } from '../route.ts';
import {
  description,
  ofModel,
  ofPath,
  ofVersion,
  paged,
  reason,
  references,
  searched,
  tagging,
  text,
} from '../schema.ts';
import { pageOfFound } from './found-page.ts';
import { attachUploaded, uploadedFile } from './uploads.ts';
import { capturedText, versionDetail, versionPage } from './version-detail.ts';

const compared = z.strictObject(references);
const loggedMetrics = z
  .record(z.string().min(1).max(250), z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]))
  .refine((metrics) => Object.keys(metrics).length > 0, 'no metrics are given')
  .refine((metrics) => Object.keys(metrics).length <= 200, 'more than 200 metrics are given at once');
const job = z.string().min(1).max(200);

const reading = {
  'GET /versions': {
    role: 'viewer',
    schema: z.strictObject({
      ...paged,
      limit: z.coerce.number().int().min(1).max(maxFoundItems).optional(),
      ...searched,
      models: text.optional(),
      all: z.stringbool().optional(),
    }),
    touches: 'nothing',
    handler: ({ ctx }, { cursor, limit, ...search }) =>
      pageOfFound(ctx, { cursor, limit }, () => searchVersions(ctx, search)),
  },
  'GET /models/:model/versions': {
    role: 'viewer',
    schema: ofModel.extend({ ...paged, all: z.stringbool().optional() }),
    touches: 'nothing',
    handler: ({ ctx }, request) => versionPage(ctx, request),
  },
  'GET /models/:model/versions/:version': {
    role: 'viewer',
    schema: ofVersion,
    touches: 'nothing',
    handler: ({ ctx }, { model, version }) => versionDetail(ctx, findReference(ctx, model, version)),
  },
  'GET /models/:model/versions/:version/captured': {
    role: 'viewer',
    schema: ofVersion.extend({ path: text }),
    touches: 'nothing',
    handler: ({ ctx }, { model, version, path }) => capturedText(ctx, findReference(ctx, model, version), path),
  },
  'GET /compare': {
    role: 'viewer',
    schema: compared,
    touches: 'nothing',
    handler: ({ ctx, ingest }, { versions: named }) =>
      compare(ctx, splitReferences(named), (path) => ingest.directions(path)),
  },
  'GET /series': {
    role: 'viewer',
    schema: compared,
    touches: 'nothing',
    handler: ({ series }, { versions: named }) => series.list(splitReferences(named)),
  },
  'GET /bisect': {
    role: 'viewer',
    schema: ofModel.extend({
      metric: text,
      good: text.optional(),
      bad: text.optional(),
      tolerance: z.coerce.number().min(0).max(10).optional(),
    }),
    touches: 'nothing',
    handler: ({ ctx, ingest }, request) => bisect(ctx, request, (path) => ingest.directions(path)),
  },
  'GET /models/:model/versions/:version/siblings': {
    role: 'viewer',
    schema: ofVersion,
    touches: 'nothing',
    handler: ({ ctx }, { model, version }) => siblingsOf(ctx, model, version),
  },
  'GET /identify': {
    role: 'admin',
    schema: ofPath,
    touches: 'nothing',
    handler: ({ identify }, { path }) => identify(resolve(path)),
  },
  'POST /tensors/compare': {
    role: 'viewer',
    schema: z.strictObject({ baseline: text, candidate: text, norms: z.boolean().optional(), job: job.optional() }),
    touches: 'nothing',
    handler: ({ tensors }, request, { gone }) => tensors.compare(request, gone),
  },
  'POST /tensors/compare-file': {
    role: 'admin',
    schema: ofPath.extend({ baseline: text, norms: z.boolean().optional(), job: job.optional() }),
    touches: 'nothing',
    handler: async ({ tensors, ingest }, request, { gone }) =>
      tensors.compareFile(await ingest.filesAt(request.path), request, gone),
  },
  'POST /tensors/describe': {
    role: 'admin',
    schema: ofPath.extend({ tensor: z.string().max(2000), job: job.optional() }),
    touches: 'nothing',
    handler: async ({ tensors, ingest }, request, { gone }) =>
      tensors.describe(await ingest.filesAt(request.path), request, gone),
  },
  'POST /tensors/cancel': {
    role: 'viewer',
    schema: z.strictObject({ job }),
    touches: 'nothing',
    handler: ({ tensors }, asked) => ({ cancelled: tensors.cancel(asked.job) }),
  },
} satisfies Partial<RouteRows<VersionRoutes>>;

export const versions = {
  ...reading,
  'POST /models/:model/versions/:version/delete': {
    role: 'contributor',
    schema: ofVersion.extend({ reason }),
    touches: touchesModel,
    handler: ({ ctx }, { model, version, reason: why }, caller) =>
      edit.deleteVersion(ctx, caller, model, version, why ?? ''),
  },
  'POST /models/:model/versions/:version/describe': {
    role: 'contributor',
    schema: ofVersion.extend(description),
    touches: touchesModel,
    handler: ({ ctx }, { model, version, description: written }, caller) =>
      edit.describeVersion(ctx, caller, model, version, written),
  },
  'POST /models/:model/versions/:version/tag': {
    role: 'contributor',
    schema: ofVersion.extend(tagging),
    touches: touchesModel,
    handler: ({ ctx }, { model, version, ...tag }, caller) => edit.tagVersion(ctx, caller, model, version, tag),
  },
  'POST /models/:model/versions/:version/comment': {
    role: 'contributor',
    schema: ofVersion.extend({ text: z.string() }),
    touches: touchesModel,
    handler: ({ ctx }, { model, version, text: written }, caller) =>
      edit.commentVersion(ctx, caller, model, version, written),
  },
  'POST /models/:model/versions/:version/move': {
    role: 'contributor',
    schema: ofVersion.extend({ to: text }),
    touches: ({ model, to }) => ({ models: [model, ...newNames(to)] }),
    handler: ({ ctx }, { model, version, to }, caller) => edit.moveVersion(ctx, caller, model, version, to),
  },
  'POST /models/:model/versions/:version/attach': {
    role: 'admin',
    schema: ofVersion.extend({ path: text }),
    touches: touchesModel,
    handler: ({ ingest }, { model, version, path }, caller) => ingest.attach(caller, model, version, path),
  },
  'POST /models/:model/versions/:version/attach/uploaded': {
    role: 'contributor',
    schema: ofVersion.extend(uploadedFile),
    touches: touchesModel,
    handler: (service, request, caller) => attachUploaded(service, caller, request),
  },
  'POST /models/:model/versions/:version/metrics': {
    role: 'contributor',
    schema: ofVersion.extend({ metrics: loggedMetrics }),
    touches: touchesModel,
    handler: ({ ctx }, { model, version, metrics }, caller) => logMetrics(ctx, caller, model, version, metrics),
  },
  'POST /models/:model/versions/:version/detach': {
    role: 'contributor',
    schema: ofVersion.extend({ source: text, reason }),
    touches: touchesModel,
    handler: ({ ctx }, { model, version, source, reason: why }, caller) =>
      detachEvidence(ctx, caller, model, version, { source, reason: why ?? '' }),
  },
  'POST /models/:model/versions/:version/materialise': {
    role: 'contributor',
    schema: ofVersion,
    touches: touchesModel,
    handler: async ({ ctx }, { model, version }) => {
      const row = requireUsable(ctx, findReference(ctx, model, version));
      return { path: await materialise(ctx, row) };
    },
  },
} satisfies RouteRows<VersionRoutes>;
