import { modelOf } from '../../registry/versions/primary-metric.ts';
import { resolve } from 'node:path';
import { artifactView, artifactsInState, runsWithStatus } from '../../db/artifacts.ts';
import { head } from '../../db/log.ts';
import { lineageOf } from '../../db/lineage.ts';
import { modelsBefore, type ModelRow } from '../../db/models.ts';
import { ignoredPatterns } from '../../db/roots.ts';
import { approvalsOf, deploymentsOf } from '../../db/rules.ts';
import { commentsOf, evidenceOf, versionView, versionsBefore, type VersionRow } from '../../db/versions.ts';
import { readManifest } from '../../blobs/manifest.ts';
import type { Context } from '../../context.ts';
import type { ModelFacts } from '../../protocol/artifact.ts';
import type { Lineage } from '../../protocol/lineage.ts';
import type { Model, ModelDetail, Version } from '../../protocol/model.ts';
import type { VersionDetail } from '../../protocol/routes/versions.ts';
import type { Page } from '../../protocol/shapes.ts';
import { bisect } from '../../registry/compare/bisect.ts';
import { cardOf } from '../../registry/versions/card.ts';
import { compare } from '../../registry/compare/compare.ts';
import { historyOf, holdersAt, logPage } from '../../registry/history.ts';
import { claimsIn } from '../../policy/claiming-files.ts';
import { placesOf, policyOf } from '../../policy/policy.ts';
import { findModel, findVersion } from '../../registry/versions/resolve.ts';
import { RegistryError } from '../../errors.ts';
import { trackedRuns } from '../../tracking/live.ts';
import { runDetail } from '../../tracking/run-detail.ts';
import type { GateRoute } from './policies.ts';
import * as schema from '../schema.ts';
import type { TokenRoute } from './tokens.ts';
import type { Endpoints } from '../service.ts';
import { splitReferences } from '../../shared/references.ts';

type ReadingRoute = Exclude<Extract<keyof Endpoints, `GET ${string}`>, GateRoute | TokenRoute>;

const pageSize = 50;

/** Routes that change nothing. */
export const reading: Endpoints<ReadingRoute> = {
  'GET /mlflow': { schema: schema.none, run: ({ mlflow }) => ({ token: mlflow.token() }) },
  'GET /status': { schema: schema.none, run: (service) => service.status() },
  'GET /models': { schema: schema.modelPage, run: ({ ctx }, request) => modelPage(ctx, request) },
  'GET /models/:model': {
    schema: schema.model,
    run: ({ ctx }, request) => modelDetail(ctx, findModel(ctx, request.model)),
  },
  'GET /models/:model/card': { schema: schema.model, run: ({ ctx }, { model }) => cardOf(ctx, model) },
  'GET /models/:model/versions': { schema: schema.versionPage, run: ({ ctx }, request) => versionPage(ctx, request) },
  'GET /models/:model/versions/:version': {
    schema: schema.version,
    run: ({ ctx }, { model, version }) => detail(ctx, findVersion(ctx, findModel(ctx, model), version)),
  },
  'GET /models/:model/versions/:version/captured': {
    schema: schema.captured,
    run: ({ ctx }, { model, version, path }) => captured(ctx, findVersion(ctx, findModel(ctx, model), version), path),
  },
  'GET /models/:model/history': {
    schema: schema.historyPage,
    run: ({ ctx }, { model, ...page }) => historyOf(ctx, model, page),
  },
  'GET /models/:model/holders': {
    schema: schema.holders,
    run: ({ ctx }, { model, at }) => ({ pointers: holdersAt(ctx, model, at) }),
  },
  'GET /log': { schema: schema.page, run: ({ ctx }, request) => logPage(ctx, request) },
  'GET /artifacts': {
    schema: schema.artifactPage,
    run: ({ ctx }, { state, cursor, limit = pageSize }) => {
      const rows = artifactsInState(ctx.db, state, cursor ?? '', limit);
      const next = rows.length === limit ? (rows.at(-1)?.path ?? null) : null;
      return { items: rows.map(artifactView), next, seq: head(ctx.db).seq };
    },
  },
  'GET /mlflow/runs/:run': { schema: schema.trackedRun, run: ({ ctx }, { run }) => runDetail(ctx, run) },
  'GET /runs': {
    schema: schema.runs,
    run: ({ ctx }, { status }) => {
      const seen = runsWithStatus(ctx.db, status, 500).map(({ root: _root, ...run }) => run);
      return { runs: [...trackedRuns(ctx, status, 500), ...seen] };
    },
  },
  'GET /compare': {
    schema: schema.comparison,
    run: ({ ctx, ingest }, { versions }) => compare(ctx, splitReferences(versions), (path) => ingest.directions(path)),
  },
  'GET /series': {
    schema: schema.comparison,
    run: ({ series }, { versions }) => series.list(splitReferences(versions)),
  },
  'GET /bisect': {
    schema: schema.bisection,
    run: ({ ctx, ingest }, request) => bisect(ctx, request, (path) => ingest.directions(path)),
  },
  'GET /identify': { schema: schema.path, run: ({ identify }, { path }) => identify(resolve(path)) },
  'GET /inspect': { schema: schema.path, run: ({ ingest }, { path }) => ingest.inspect(path) },
  'GET /why': { schema: schema.path, run: ({ ingest }, { path }) => ingest.why(path) },
  'GET /policy': {
    schema: schema.path,
    run: ({ ctx, ingest }, { path }) => {
      const found = ingest.policy(path);
      return { ...found, conflicts: found.exists ? claimsIn(ctx, found.path) : [] };
    },
  },
  'GET /roots': { schema: schema.none, run: ({ ingest }) => ({ roots: ingest.roots() }) },
  'GET /ignored': { schema: schema.none, run: ({ ctx }) => ({ patterns: ignoredPatterns(ctx.db) }) },
};

interface PageRequest {
  cursor?: string | undefined;
  limit?: number | undefined;
}

/** A cursor is the last item's number; anything else is refused. */
function before(cursor: string | undefined): number {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER;
  if (/^\d{1,16}$/.test(cursor)) return Number(cursor);
  throw new RegistryError('invalid-request', 'the cursor is not one that an earlier page gave');
}

function modelPage(ctx: Context, request: PageRequest & { query?: string | undefined }): Page<Model> {
  const limit = request.limit ?? pageSize;
  const query = request.query?.toLowerCase();
  const found = [];
  let from = before(request.cursor);
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
  return { ...model, places: placesOf(policyOf(ctx, row), model.pointers) };
}

function versionPage(ctx: Context, request: PageRequest & { model: string; all?: boolean | undefined }): Page<Version> {
  const model = findModel(ctx, request.model);
  const limit = request.limit ?? pageSize;
  const rows = versionsBefore(ctx.db, model.id, before(request.cursor), limit + 1, request.all);
  const items = rows.slice(0, limit);
  const next = rows.length > limit ? String(items.at(-1)?.number) : null;
  return { items: items.map((row) => versionView(ctx.db, row)), next, seq: head(ctx.db).seq };
}

function detail(ctx: Context, row: VersionRow): VersionDetail {
  const gone = row.state === 'deleted' && row.deletedUntil === 0;
  return {
    version: versionView(ctx.db, row),
    facts: JSON.parse(ctx.blobs.read(row.body.facts).toString('utf8')) as ModelFacts,
    files: gone || row.state === 'damaged' ? [] : readManifest(ctx.blobs, row.body.digest),
    evidence: evidenceOf(ctx.db, row.model, row.number),
    lineage: lineageIn(ctx, row),
    comments: commentsOf(ctx.db, row.model, row.number),
    approvals: approvalsOf(ctx.db, row.model, row.number),
    deployments: deploymentsOf(ctx.db, row.model, row.number),
  };
}

function lineageIn(ctx: Context, row: VersionRow): Lineage | null {
  const found = lineageOf(ctx.db, row.model, row.number);
  return found ? (JSON.parse(ctx.blobs.read(found.digest).toString('utf8')) as Lineage) : null;
}

/** A text that the lineage kept, named in it and nowhere else. */
function captured(ctx: Context, row: VersionRow, path: string): { path: string; text: string } {
  const file = lineageIn(ctx, row)?.captured.find((known) => known.path === path);
  if (!file)
    throw new RegistryError('not-found', `no ${path} was kept of ${row.body.primary}; see what was: plinth show`);
  return { path, text: ctx.blobs.read(file.digest).toString('utf8') };
}
