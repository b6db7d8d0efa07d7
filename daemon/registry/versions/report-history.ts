import type { Context } from '../../context.ts';
import { lineageOf } from '../../db/lineage.ts';
import { versionViews, versionsBefore, type VersionRow } from '../../db/versions.ts';
import { RegistryError } from '../../errors.ts';
import type { Lineage } from '../../protocol/lineage.ts';
import type { ReportedVersion } from '../../protocol/routes/models.ts';
import { findModel } from './resolve.ts';

const maxVersions = 500;

/** Returns the versions of a model that kept a report at a path, the newest first. Throws `not-found` for an unknown model. */
export function reportHistory(ctx: Context, model: string, path: string): ReportedVersion[] {
  const rows = versionsBefore(ctx.db, findModel(ctx, model).id, Infinity, maxVersions);
  const found = rows.flatMap((row) => {
    const digest = digestOfReport(ctx, row, path);
    return digest === null ? [] : [{ row, digest }];
  });
  const views = versionViews(
    ctx.db,
    found.map(({ row }) => row),
  );
  return views.map(({ number, stage, aliases }, at) => ({
    number,
    stage,
    aliases,
    digest: found[at]?.digest ?? '',
  }));
}

/** Returns null for a version without the report, and for one whose lineage cannot be read. */
function digestOfReport(ctx: Context, { model, number }: VersionRow, path: string): string | null {
  const known = lineageOf(ctx.db, model, number);
  if (!known) return null;
  try {
    const { reports } = JSON.parse(ctx.blobs.read(known.digest).toString('utf8')) as Lineage;
    return reports?.find((report) => report.path === path)?.digest ?? null;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return null;
  }
}
