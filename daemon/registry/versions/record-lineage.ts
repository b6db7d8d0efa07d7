import type { Caller, Context } from '../../context.ts';
import { lineageOf } from '../../db/lineage.ts';
import { RegistryError } from '../../errors.ts';
import type { Lineage, LineageSummary, RunReport } from '../../protocol/lineage.ts';
import { byTextOf } from '../../shared/text-order.ts';
import { findModel, findVersion } from './resolve.ts';

/** Records the lineage of a version, replacing an earlier one. Its reports stay. */
export async function recordLineage(
  ctx: Context,
  caller: Caller,
  name: string,
  version: number,
  lineage: Lineage,
): Promise<void> {
  await changeLineage(ctx, caller, name, version, (before) => ({ ...lineage, ...reportsIn(before) }));
}

/** Adds reports to a version; one with the same path replaces the earlier one. */
export async function recordReports(
  ctx: Context,
  caller: Caller,
  name: string,
  version: number,
  found: { reports: readonly RunReport[]; more: number },
): Promise<void> {
  await changeLineage(ctx, caller, name, version, (before) => {
    const byPath = new Map((before?.reports ?? []).map((one) => [one.path, one]));
    for (const one of found.reports) byPath.set(one.path, one);
    const more = found.more === 0 ? {} : { moreReports: found.more };
    return {
      ...(before ?? notLookedFor(ctx)),
      reports: [...byPath.values()].toSorted(byTextOf(({ path }) => path)),
      ...more,
    };
  });
}

/** Returns the recorded reports of a version. */
export function reportsOf(ctx: Context, model: string, number: number): RunReport[] {
  return readLineage(ctx, lineageOf(ctx.db, model, number)?.digest)?.reports ?? [];
}

/** Reads, changes and records a lineage; repeats that if it was recorded by another request meanwhile. */
async function changeLineage(
  ctx: Context,
  caller: Caller,
  name: string,
  version: number,
  change: (before: Lineage | undefined) => Lineage,
): Promise<void> {
  for (;;) {
    const row = findVersion(ctx, findModel(ctx, name), String(version));
    const before = lineageOf(ctx.db, row.model, row.number)?.digest;
    const lineage = change(readLineage(ctx, before));
    const digest = await ctx.blobs.store(Buffer.from(JSON.stringify(lineage)));
    const reports = (lineage.reports ?? []).flatMap((one) => one.digest ?? []);
    const blobs = [...lineage.captured.map((file) => file.digest), ...reports];
    const body = { model: row.model, number: row.number, digest, blobs, summary: summaryOf(lineage, reports.length) };
    const isRecorded = await ctx.commit<boolean>(caller, () => {
      const isSame = lineageOf(ctx.db, row.model, row.number)?.digest === before;
      return { events: isSame ? [{ type: 'version.lineage/1', body }] : [], result: () => isSame };
    });
    if (isRecorded) return;
  }
}

/** Reads a recorded lineage; undefined for one that cannot be read, which is then recorded again. */
export function readLineage(ctx: Context, digest: string | undefined): Lineage | undefined {
  if (digest === undefined) return undefined;
  try {
    return JSON.parse(ctx.blobs.read(digest).toString('utf8')) as Lineage;
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}

function reportsIn(lineage: Lineage | undefined): Pick<Lineage, 'reports' | 'moreReports'> {
  const { reports, moreReports } = lineage ?? {};
  return { ...(reports && { reports }), ...(moreReports !== undefined && { moreReports }) };
}

/** Returns an empty lineage, for reports of a version whose lineage was not captured (yet). */
function notLookedFor(ctx: Context): Lineage {
  const missing = ['Where it came from was not looked for.'];
  return {
    takenAt: ctx.now(),
    code: null,
    process: null,
    environment: null,
    data: [],
    seeds: {},
    captured: [],
    missing,
  };
}

function summaryOf({ code, process, environment, data }: Lineage, reports: number): LineageSummary {
  return {
    commit: code?.commit ?? null,
    branch: code?.branch ?? null,
    changed: code?.changed ?? null,
    python: environment?.python ?? null,
    packages: Object.keys(environment?.packages ?? {}).length,
    command: process?.command.join(' ').slice(0, 400) ?? null,
    data: data.length,
    ...(reports === 0 ? {} : { reports }),
  };
}
