import * as z from 'zod';
import { artifactView, artifactsInState } from '../../db/artifacts.ts';
import { head } from '../../db/log.ts';
import { giveUpCandidates } from '../../db/saves.ts';
import { ignoredPatterns } from '../../db/roots.ts';
import { artifactStates } from '../../protocol/model.ts';
import type { WatchRoutes } from '../../protocol/routes/watch.ts';
import { announceRuns } from '../../registry/announce-runs.ts';
import { keepAnswer } from '../../registry/idempotency.ts';
import { adoptImport } from '../../registry/adopt-import.ts';
import { searchRuns } from '../../tracking/list-runs.ts';
import { runDetail } from '../../tracking/run-detail.ts';
import { defaultPageSize } from '../page-cursor.ts';
import { pageOfFound } from './found-page.ts';
import { newNames } from '../pointer-request.ts';
import type { RouteRows } from '../route.ts';
import { receivedOf, registerUploaded, uploadedArtifact, uploadKey } from './uploads.ts';
import { nothing, ofPath, page, searched, text } from '../schema.ts';

const maxRuns = 500;
const ofPattern = z.strictObject({ pattern: z.string().min(1).max(500) });

const reading = {
  'GET /uploads/:key': {
    role: 'contributor',
    schema: uploadKey,
    touches: 'nothing',
    handler: (service, { key }, caller) => receivedOf(service, caller, key),
  },
  'GET /artifacts': {
    role: 'viewer',
    schema: page.extend({ state: z.enum(artifactStates) }),
    touches: 'nothing',
    handler: ({ ctx }, { state, cursor, limit = defaultPageSize }) => {
      const rows = artifactsInState(ctx.db, state, cursor ?? '', limit);
      const next = rows.length === limit ? (rows.at(-1)?.path ?? null) : null;
      return { items: rows.map(artifactView), next, seq: head(ctx.db).seq };
    },
  },
  'GET /runs': {
    role: 'viewer',
    schema: z.strictObject({
      status: z.enum(['running', 'finished', 'failed', 'killed', 'ended']).optional(),
      ...searched,
      limit: z.coerce.number().int().min(1).max(maxRuns).optional(),
    }),
    touches: 'nothing',
    handler: async ({ ctx }, { limit = defaultPageSize, ...search }) => {
      const { items, unknown } = await pageOfFound(ctx, { limit }, () => searchRuns(ctx, search, limit));
      return { runs: items, unknown };
    },
  },
  'GET /mlflow/runs/:run': {
    role: 'viewer',
    schema: z.strictObject({ run: text }),
    touches: 'nothing',
    handler: ({ ctx }, { run }) => runDetail(ctx, run),
  },
  'GET /inspect': {
    role: 'admin',
    schema: ofPath,
    touches: 'nothing',
    handler: ({ ingest }, { path }) => ingest.inspect(path),
  },
  'GET /inspect/tokenizer': {
    role: 'admin',
    schema: ofPath,
    touches: 'nothing',
    handler: ({ ingest }, { path }) => ingest.tokenizer(path),
  },
  'GET /why': {
    role: 'admin',
    schema: ofPath,
    touches: 'nothing',
    handler: ({ ingest }, { path }) => ingest.why(path),
  },
  'GET /roots': {
    role: 'viewer',
    schema: nothing,
    touches: 'nothing',
    handler: ({ ingest }) => ({ roots: ingest.roots() }),
  },
  'GET /ignored': {
    role: 'viewer',
    schema: nothing,
    touches: 'nothing',
    handler: ({ ctx }) => ({ patterns: ignoredPatterns(ctx.db) }),
  },
} satisfies Partial<RouteRows<WatchRoutes>>;

export const watch = {
  ...reading,
  'POST /roots': {
    role: 'admin',
    schema: ofPath,
    touches: 'everything',
    handler: ({ ctx, ingest }, { path }, caller) => keepAnswer(ctx, caller, (inner) => ingest.watch(inner, path)),
  },
  'POST /roots/remove': {
    role: 'admin',
    schema: ofPath,
    touches: 'everything',
    handler: ({ ingest }, { path }, caller) => ingest.unwatch(caller, path),
  },
  'POST /roots/pause': {
    role: 'admin',
    schema: ofPath,
    touches: 'everything',
    handler: ({ ingest }, { path }, caller) => ingest.pause(caller, path),
  },
  'POST /roots/resume': {
    role: 'admin',
    schema: ofPath,
    touches: 'everything',
    handler: ({ ingest }, { path }, caller) => ingest.resume(caller, path),
  },
  'POST /ignored': {
    role: 'admin',
    schema: ofPattern,
    touches: 'everything',
    handler: ({ ingest }, { pattern }, caller) => ingest.ignore(caller, pattern),
  },
  'POST /ignored/remove': {
    role: 'admin',
    schema: ofPattern,
    touches: 'everything',
    handler: ({ ingest }, { pattern }, caller) => ingest.unignore(caller, pattern),
  },
  'POST /scan': {
    role: 'admin',
    schema: z.strictObject({ path: text.optional() }),
    touches: 'everything',
    handler: async ({ ingest }, { path }) => ({ roots: await ingest.scan(path) }),
  },
  'POST /register': {
    role: 'admin',
    schema: ofPath.extend({ model: text.optional(), again: z.boolean().optional() }),
    /** Without a name, the file determines the model. */
    touches: ({ model }) => (model === undefined ? 'everything' : { models: newNames(model) }),
    handler: ({ ingest }, { path, model, again }, caller) => ingest.register(caller, path, model, again),
  },
  'POST /register/uploaded': {
    role: 'contributor',
    schema: uploadedArtifact,
    touches: ({ model }) => (model === undefined ? 'everything' : { models: newNames(model) }),
    handler: (service, artifact, caller) => registerUploaded(service, caller, artifact),
  },
  'POST /found/register': {
    role: 'admin',
    schema: z.strictObject({ root: text }),
    touches: 'everything',
    handler: ({ ctx, ingest }, { root }, caller) =>
      keepAnswer(ctx, caller, (inner) => ingest.registerFound(inner, root)),
  },
  'POST /candidates/clean-up': {
    role: 'admin',
    schema: nothing,
    touches: 'everything',
    handler: ({ ctx }) => {
      const { runs, ...given } = giveUpCandidates(ctx.db, 'Its bytes were given up by a person.');
      announceRuns(ctx, runs);
      return given;
    },
  },
  'POST /import': {
    role: 'admin',
    schema: ofPath.extend({ anywhere: z.boolean().optional() }),
    touches: 'everything',
    handler: ({ ctx, ingest }, { path, anywhere }, caller) =>
      keepAnswer(ctx, caller, async (inner) =>
        adoptImport(ctx, inner, await ingest.import(inner, path, anywhere ?? false)),
      ),
  },
} satisfies RouteRows<WatchRoutes>;
