import type { Context } from '../../context.ts';
import { lineageOf } from '../../db/lineage.ts';
import { versionViews, versionsBefore, type VersionRow } from '../../db/versions.ts';
import type { ReportedVersion } from '../../protocol/routes/models.ts';
import { breather } from '../../runtime/yield-to-event-loop.ts';
import { readLineage } from './record-lineage.ts';
import { findModel } from './resolve.ts';

const maxVersions = 500;

/** Returns the versions of a model that kept a report at a path, the newest first. Throws `not-found` for an unknown model. */
export async function reportHistory(ctx: Context, model: string, path: string): Promise<ReportedVersion[]> {
  const pause = breather();
  const found: { row: VersionRow; digest: string }[] = [];
  for (const row of versionsBefore(ctx.db, findModel(ctx, model).id, Infinity, maxVersions)) {
    const digest = digestOfReport(ctx, row, path);
    if (digest !== null) found.push({ row, digest });
    await pause();
  }
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
  const reports = readLineage(ctx, lineageOf(ctx.db, model, number)?.digest)?.reports;
  return reports?.find((report) => report.path === path)?.digest ?? null;
}
