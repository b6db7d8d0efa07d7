import type { Context } from '../../context.ts';
import { lineageOf } from '../../db/lineage.ts';
import { countLiveVersions, newestVersions, versionsOfRun, type VersionRow } from '../../db/versions.ts';
import type { DataSibling, Siblings } from '../../protocol/lineage.ts';
import { breather } from '../../runtime/yield-to-event-loop.ts';
import { readLineage } from './record-lineage.ts';
import { findReference, labelOf } from './resolve.ts';

/** Versions whose data are compared, the newest ones: each needs a file of the store to be read. */
const maxRead = 500;
const maxListed = 100;

/** Returns the versions of all models that come from the same run, and those that were trained with data of the same content. */
export async function siblingsOf(ctx: Context, model: string, version: string): Promise<Siblings> {
  const own = findReference(ctx, model, version);
  const isOther = (row: VersionRow): boolean => row.model !== own.model || row.number !== own.number;
  const { run } = own.body.source;
  const ofRun = run === null ? [] : versionsOfRun(ctx.db, run, maxListed + 1).filter(isOther);
  const data = new Set(dataOf(ctx, own).map(({ digest }) => digest));
  const newest = data.size === 0 ? [] : newestVersions(ctx.db, maxRead + 1);
  const read = newest.filter(isOther).slice(0, maxRead);
  const isLive = own.state === 'ready' || own.state === 'damaged';
  const notRead = data.size === 0 ? 0 : countLiveVersions(ctx.db) - (isLive ? 1 : 0) - read.length;
  const pause = breather();
  const ofData: DataSibling[] = [];
  for (const row of read) {
    const shared = dataOf(ctx, row).filter(({ digest }) => data.has(digest));
    if (shared.length > 0) ofData.push({ reference: labelOf(ctx, row), digests: shared.map(({ digest }) => digest) });
    await pause();
  }
  return {
    run: ofRun.slice(0, maxListed).map((row) => labelOf(ctx, row)),
    data: ofData.slice(0, maxListed),
    notRead,
  };
}

function dataOf(ctx: Context, row: VersionRow): { digest: string }[] {
  return readLineage(ctx, lineageOf(ctx.db, row.model, row.number)?.digest)?.data ?? [];
}
