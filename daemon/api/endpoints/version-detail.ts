import { closeSync } from 'node:fs';
import { readManifest } from '../../blobs/manifest.ts';
import type { Context } from '../../context.ts';
import { lineageOf } from '../../db/lineage.ts';
import { head } from '../../db/log.ts';
import { approvalsOf } from '../../db/policy/approvals.ts';
import { deploymentsOf } from '../../db/policy/deployments.ts';
import { evidenceOf } from '../../db/evidence.ts';
import { modelById } from '../../db/models.ts';
import { betterSave, saveOfVersion, savesOfRun, type BetterThan, type SaveRow } from '../../db/saves.ts';
import { commentsOf, formerReferences, versionViews, versionsBefore, type VersionRow } from '../../db/versions.ts';
import { RegistryError } from '../../errors.ts';
import type { ModelFacts } from '../../protocol/artifact.ts';
import type { Lineage } from '../../protocol/lineage.ts';
import type { Version } from '../../protocol/model.ts';
import type { BetterCheckpoint, VersionDetail } from '../../protocol/routes/versions.ts';
import type { OfModel, Page, Paged } from '../../protocol/shapes.ts';
import { findModel } from '../../registry/versions/resolve.ts';
import { openRegular, readAt, statAt } from '../../runtime/file-reader.ts';
import { referenceTo } from '../../shared/references.ts';
import { pictureHeadBytes, pictureType } from '../../shared/report-files.ts';
import { defaultPageSize, numberBefore } from '../page-cursor.ts';

export function versionPage(ctx: Context, request: OfModel & Paged & { all?: boolean | undefined }): Page<Version> {
  const model = findModel(ctx, request.model);
  const limit = request.limit ?? defaultPageSize;
  const rows = versionsBefore(ctx.db, model.id, numberBefore(request.cursor), limit + 1, request.all);
  const items = rows.slice(0, limit);
  const next = rows.length > limit ? String(items.at(-1)?.number) : null;
  return { items: viewsOf(ctx, model.id, items), next, seq: head(ctx.db).seq };
}

/** Returns versions with their former references, which only moved versions can have; without one, none are searched. */
function viewsOf(ctx: Context, model: string, rows: readonly VersionRow[]): Version[] {
  const former = rows.some(({ body }) => body.source.kind === 'move') ? formerReferences(ctx.db, model) : undefined;
  return versionViews(ctx.db, rows).map((view) => {
    const formerly = former?.get(view.number);
    return { ...view, ...(formerly && { formerly }) };
  });
}

export function versionDetail(ctx: Context, row: VersionRow): VersionDetail {
  const gone = row.state === 'deleted' && row.deletedUntil === 0;
  return {
    version: viewsOf(ctx, row.model, [row])[0]!,
    facts: JSON.parse(ctx.blobs.read(row.body.facts).toString('utf8')) as ModelFacts,
    files: gone || row.state === 'damaged' ? [] : readManifest(ctx.blobs, row.body.digest),
    evidence: evidenceOf(ctx.db, row.model, row.number),
    lineage: gone ? withoutReports(lineageIn(ctx, row)) : lineageIn(ctx, row),
    comments: commentsOf(ctx.db, row.model, row.number),
    ...runRelation(ctx, row),
    approvals: approvalsOf(ctx.db, row.model, row.number),
    deployments: deploymentsOf(ctx.db, row.model, row.number),
  };
}

/** Returns what the saves of its run show about a version; empty for nothing. */
function runRelation(ctx: Context, row: VersionRow): Pick<VersionDetail, 'ofRun'> {
  const model = modelById(ctx.db, row.model)?.name ?? '';
  const own = saveOfVersion(ctx.db, model, row.number);
  const next = own && savesOfRun(ctx.db, own.run).findLast((one) => one.path === own.path && one.version !== null);
  const later = next && next.id !== own.id && next.writtenAt > own.writtenAt ? next.version : null;
  const save = betterSave(ctx.db, model, row.number);
  const better = save?.best.better;
  if (later === null && !better) return {};
  return {
    ofRun: {
      later: later === null || later === row.number ? null : referenceTo(model, later),
      better: save && better ? betterOf(save, better) : null,
    },
  };
}

function betterOf({ path }: SaveRow, { metric, value, atEnd }: BetterThan): BetterCheckpoint {
  return { path, metric, value, atEnd, isOnDisk: statAt(path) !== undefined };
}

/** Removes the reports from a lineage, as they are deleted with the version's files. */
function withoutReports(lineage: Lineage | null): Lineage | null {
  return lineage && { ...lineage, reports: [] };
}

/** Returns a captured text by its path in the lineage. Throws `not-found`. */
export function capturedText(ctx: Context, row: VersionRow, path: string): { path: string; text: string } {
  const file = lineageIn(ctx, row)?.captured.find((known) => known.path === path);
  if (!file)
    throw new RegistryError(
      'not-found',
      `There is no captured file ${path} for ${row.body.primary}. List the captured files with: plinth show`,
    );
  return { path, text: ctx.blobs.read(file.digest).toString('utf8') };
}

/** Returns a picture or report by its path in the lineage. Throws `not-found` or `gone`. */
export function keptReport(
  ctx: Context,
  row: VersionRow,
  path: string,
): { digest: string; size: number; type: string } {
  const report = lineageIn(ctx, row)?.reports?.find((known) => known.path === path);
  const digest = report?.digest ?? undefined;
  const size = digest === undefined ? undefined : ctx.blobs.sizeOf(digest);
  if (!report || digest === undefined || size === undefined) {
    const text = `There is no report ${path} for ${row.body.primary}. List the reports with: plinth show`;
    throw new RegistryError('not-found', text);
  }
  const type =
    report.kind === 'picture' ? pictureTypeOf(ctx, digest) : report.kind === 'page' ? 'text/html' : 'text/plain';
  return { digest, size, type };
}

function pictureTypeOf(ctx: Context, digest: string): string {
  const source = openRegular(ctx.blobs.pathOf(digest));
  try {
    return pictureType(readAt(source.handle, 0, pictureHeadBytes)) ?? 'application/octet-stream';
  } finally {
    closeSync(source.handle);
  }
}

function lineageIn(ctx: Context, row: VersionRow): Lineage | null {
  const found = lineageOf(ctx.db, row.model, row.number);
  return found ? (JSON.parse(ctx.blobs.read(found.digest).toString('utf8')) as Lineage) : null;
}
