import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Context } from '../../context.ts';
import { putEvidenceUse, type LogState } from '../../db/log-writes.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { RunReport } from '../../protocol/lineage.ts';
import { recordReports, reportsOf } from '../../registry/versions/record-lineage.ts';
import { unreadableReason } from '../../runtime/file-reader.ts';
import type { WorkerThread } from '../../runtime/worker-thread.ts';
import type { FactParts, VersionSave } from '../register/evidence-facts.ts';
import { stateOf } from '../register/known-writer.ts';
import { watcherCaller } from '../register/register-artifact.ts';
import { readerOf } from '../run-logs/cache.ts';
import { judgeReport } from './judge-report.ts';
import { locateReports, type LocatedReport } from './locate-reports.ts';
import type { ReportOperations } from './report-worker.ts';

export interface KeepParts extends FactParts {
  readonly ctx: Context;
  readonly signal: AbortSignal;
  readonly thread: Pick<WorkerThread<ReportOperations>, 'call'>;
  /** Schedules another judgement of the reports of a folder. */
  judgeReportsLater(folder: string): void;
}

/** Bytes of all reports of one version together. */
export const maxReportBytes = 20 * 1024 * 1024;
/** Reports that a version lists; further ones are only counted. */
const maxListed = 100;
/** Files judged for one version, and between two yields to the event loop. */
const [maxJudged, stretch] = [300, 10];

/** A report of the version in its state on disk. */
interface Found {
  report: LocatedReport;
  state: LogState;
  entry: RunReport;
}

/** Finds the reports of a version, and keeps those that are new or have changed. */
export async function keepReports(parts: KeepParts, model: string, save: VersionSave): Promise<void> {
  const { ctx, disk } = parts;
  const { version } = save;
  const kept = new Map(reportsOf(ctx, version.model, version.number).map((one) => [one.path, one]));
  const located = locateReports(disk, save.files, save.run);
  const found: Found[] = [];
  for (const [index, report] of located.slice(0, maxJudged).entries()) {
    if (parts.signal.aborted) return;
    if (index % stretch === stretch - 1) await setImmediate();
    if (!kept.has(report.name) && kept.size >= maxListed) continue;
    const one = await findReport(parts, save, report, kept);
    if (!one) continue;
    found.push(one);
    kept.set(report.name, one.entry);
  }
  if (found.length === 0) return;
  const unlisted = located.filter(({ name, isPlain }) => isPlain && !kept.has(name));
  const more = kept.size < maxListed ? 0 : unlisted.length;
  const reports = found.map(({ entry }) => entry);
  await recordReports(ctx, { ...watcherCaller, isBackground: true }, model, version.number, { reports, more });
  inTransaction(ctx.db, () => {
    for (const { report, state, entry } of found)
      if (entry.digest !== null && !readerOf(report.path))
        putEvidenceUse(ctx.db, { ...state, ...version, digest: entry.digest });
  });
}

/** Judges one report. Undefined if it is not of the version, is kept already, or must be judged later. */
async function findReport(
  parts: KeepParts,
  save: VersionSave,
  report: LocatedReport,
  kept: ReadonlyMap<string, RunReport>,
): Promise<Found | undefined> {
  const state = stateOf(report.path);
  if (!state) return undefined;
  const before = kept.get(report.name);
  const isSame = before?.writtenAt === state.writtenAt && before.size === state.size;
  if (before && isSame && before.rule !== 'not-used') return undefined;
  const { decision, isByWriter, isWriterAtWork } = await judgeReport(parts, save, report, state, before);
  const isToBeWrittenAgain = isWriterAtWork && typeof before?.digest === 'string';
  if (decision.rule === 'later' || isToBeWrittenAgain) {
    const { writer } = save.observed;
    const endIsHeard = isByWriter && writer.kind === 'execution' && !writer.isKernel;
    if (!endIsHeard) parts.judgeReportsLater(dirname(report.path));
    return undefined;
  }
  const { rule, reason } = decision;
  const { size, writtenAt } = state;
  const entry: RunReport = { path: report.name, kind: report.kind, size, digest: null, writtenAt, rule, reason };
  if (rule !== 'not-used') return storeReport(parts, report, state, entry, roomBeside(report, kept));
  const isNew = isByWriter && decision.isOfAnother !== true && before === undefined;
  return isNew ? { report, state, entry } : undefined;
}

function roomBeside({ name }: LocatedReport, kept: ReadonlyMap<string, RunReport>): number {
  const others = [...kept.values()].filter(({ path, digest }) => digest !== null && path !== name);
  return maxReportBytes - others.reduce((sum, { size }) => sum + size, 0);
}

/**
 * Stores a report's bytes; the entry gets the digest, or the reason for which they are not kept. Undefined if the file was
 * written meanwhile.
 */
async function storeReport(
  { ctx, thread }: KeepParts,
  report: LocatedReport,
  state: LogState,
  entry: RunReport,
  room: number,
): Promise<Found | undefined> {
  const without = (reason: string): Found => ({ report, state, entry: { ...entry, reason: `not kept: ${reason}` } });
  if (state.size > room)
    return without(`the reports of a version are more than ${maxReportBytes / 1024 / 1024} MB together`);
  const { path, top, kind } = report;
  const read = await thread
    .call('read', { path, top, kind, maxBytes: room })
    .catch((error: unknown) => ({ problem: unreadableReason(error) }));
  if ('problem' in read) return stateOf(path) ? without(read.problem) : undefined;
  if (read.writtenAt !== state.writtenAt || read.size !== state.size) return undefined;
  const { digest } = await ctx.blobs.receive(Readable.from([Buffer.from(read.bytes)]));
  return { report, state, entry: { ...entry, digest } };
}
