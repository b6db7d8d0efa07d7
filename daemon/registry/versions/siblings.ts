import type { Context } from '../../context.ts';
import { lineageOf } from '../../db/lineage.ts';
import { everyVersion, type VersionRow } from '../../db/versions.ts';
import type { DataSibling, Siblings } from '../../protocol/lineage.ts';
import { readLineage } from './record-lineage.ts';
import { findReference, labelOf } from './resolve.ts';

/** Versions whose data are compared, the newest ones: each needs a file of the store to be read. */
const maxRead = 500;
const maxListed = 100;

/** Returns the versions of all models that come from the same run, and those that were trained with data of the same content. */
export function siblingsOf(ctx: Context, model: string, version: string): Siblings {
  const own = findReference(ctx, model, version);
  const isOther = (row: VersionRow): boolean => row.model !== own.model || row.number !== own.number;
  const isThere = ({ state }: VersionRow): boolean => state === 'ready' || state === 'damaged';
  const others = everyVersion(ctx.db)
    .filter((row) => isThere(row) && isOther(row))
    .toReversed();
  const { run } = own.body.source;
  const ofRun = run === null ? [] : others.filter(({ body }) => body.source.run === run);
  const data = new Set(dataOf(ctx, own).map(({ digest }) => digest));
  const read = data.size === 0 ? [] : others.slice(0, maxRead);
  const ofData = read.flatMap((row): DataSibling[] => {
    const shared = dataOf(ctx, row).filter(({ digest }) => data.has(digest));
    return shared.length === 0 ? [] : [{ reference: labelOf(ctx, row), digests: shared.map(({ digest }) => digest) }];
  });
  return {
    run: ofRun.slice(0, maxListed).map((row) => labelOf(ctx, row)),
    data: ofData.slice(0, maxListed),
    notRead: data.size === 0 ? 0 : others.length - read.length,
  };
}

function dataOf(ctx: Context, row: VersionRow): { digest: string }[] {
  return readLineage(ctx, lineageOf(ctx.db, row.model, row.number)?.digest)?.data ?? [];
}
