import { dirname, resolve } from 'node:path';
import type { Config } from '../config.ts';
import type { Caller, Context } from '../context.ts';
import { modelByName } from '../db/models.ts';
import { rootsWithUndecidedSaves } from '../db/saves.ts';
import { ignoredPatterns, watchedRoots } from '../db/roots.ts';
import { versionOf } from '../db/versions.ts';
import { RegistryError } from '../errors.ts';
import { rulesOnDisk, type Rules } from '../policy/watch-rules.ts';
import type { Problem } from '../protocol/artifact.ts';
import type { NewEvent } from '../protocol/events.ts';
import type { Changed } from '../protocol/shapes.ts';
import { clockSteps } from '../runtime/clock-steps.ts';
import { startPollLoop } from '../runtime/poll-loop.ts';
import { diskFilesAt, inspectPath, tokenizerAt } from './inspect/explicit-path.ts';
import { factsOfStored } from './inspect/inspect-stored.ts';
import { inspector } from './inspect/inspector.ts';
import { Executions, type ExecutionParts } from './executions/executions.ts';
import { processThread } from './executions/process-table.ts';
import { TracedExecutions, traceTo } from './executions/process-trace.ts';
import { importMlflow } from './import/mlflow.ts';
import { lineages, captureMissed } from './lineage/lineage.ts';
import { recordGivenLineage } from './lineage/given-lineage.ts';
import { policyOf } from './propose-policy.ts';
import { attachLateEvidence, type EvidenceParts } from './register/attach-evidence.ts';
import { registerExisting } from './register/existing-files.ts';
import { logWriterRecorder } from './register/known-writer.ts';
import { unjudgedLogs } from './register/missed-logs.ts';
import { Registrar, watcherCaller } from './register/register-artifact.ts';
import { attachFile, registerPath } from './register/register-path.ts';
import { Reports, type ReportParts } from './reports/reports.ts';
import { runEvidence } from './register/run-evidence.ts';
import { SaveKeeper } from './runs/keep-saves.ts';
import { registerSaves } from './runs/register-saves.ts';
import { RunTracker } from './runs/run-tracker.ts';
import type { Ingest } from './service.ts';
import { Artifacts } from './artifact/artifact-state.ts';
import { distantName } from './artifact/naming.ts';
import { finish } from './settle/finish.ts';
import { ownEarly } from './settle/own-early.ts';
import { Settler } from './settle/settler.ts';
import { ChangeQueue } from './watch/change-queue.ts';
import { GivenNames } from './artifact/given-names.ts';
import { TrackerNames } from './artifact/tracker-names.ts';
import { diskView } from './disk/folder-cache.ts';
import { IgnoredPatterns } from './disk/ignore.ts';
import { LeadingLinks } from './watch/leading-links.ts';
import { commitOne, rootOperations } from './watch/roots.ts';
import { FolderScanner } from './watch/scan-folder.ts';
import { refused, ScanSchedule } from './watch/scan-schedule.ts';
import { WatchedRoots } from './watch/watched-roots.ts';
import { why, type WhyParts } from './why.ts';

export type IngestConfig = Pick<Config, 'timing' | 'seesProcesses' | 'processTrace'>;

/** Starts watching every registered root. Scans start immediately and run in the background. */
export function createIngest(ctx: Context, config: IngestConfig): Ingest {
  const closing = new AbortController();
  const parts = createParts(ctx, config, closing.signal, () => loop.wake());
  const { changes, executions, keeper, lineages: lineage, registrar, roots, runs, schedule, settler } = parts;
  const clockStep = clockSteps(ctx.now);
  const loop = startPollLoop(
    () => {
      const step = clockStep();
      if (step !== 0) for (const part of [changes, settler, executions, runs, keeper]) part.onClockStep(step);
      changes.drain();
      settler.inspectDue();
      executions.update();
      runs.update();
      keeper.keepDueSoon();
    },
    () => changes.isEmpty() && settler.size + runs.size === 0,
    logOnce(ctx, closing.signal),
  );
  for (const { path, paused } of watchedRoots(ctx.db)) {
    if (paused) continue;
    roots.open(path, false);
    runs.resume(path);
  }
  captureMissed(ctx, lineage, parts.rootOf, watcherCaller);
  const rescan = setInterval(() => void schedule.scanAll(), config.timing.scanEveryMs).unref();
  void schedule.scanAll().then(() => judgeMissed(parts));
  return {
    ...operations(parts),
    busy: () => registrar.busy(),
    isIdle: () =>
      changes.isEmpty() &&
      !schedule.hasWork() &&
      !settler.hasWork() &&
      !rootsWithUndecidedSaves(ctx.db).some((root) => roots.get(root)) &&
      registrar.busy().length === 0,
    isActive: (ms) => runs.size > 0 || registrar.busy().length > 0 || ctx.now() - changes.lastChangeAt < ms,
    close: async () => {
      closing.abort();
      loop.close();
      clearInterval(rescan);
      await closeParts(parts);
    },
  };
}

/** Schedules run logs that were not judged when the service stopped, or were written since. */
function judgeMissed({ ctx, disk, roots, changes, signal }: Parts): void {
  for (const { path } of signal.aborted ? [] : roots.all())
    for (const log of unjudgedLogs(ctx, disk, path)) changes.readLater(log);
}

async function closeParts({ executions, inspecting, lineages: lineage, reports, roots }: Parts): Promise<void> {
  await roots.closeAll();
  await reports.close();
  await Promise.all([inspecting.close(), lineage.close(), executions.close()]);
}

type Parts = ReturnType<typeof createParts>;

/** Creates what every part needs. */
function createBase(
  ctx: Context,
  { timing, seesProcesses, processTrace }: IngestConfig,
  signal: AbortSignal,
  watched: () => string[],
  later: Pick<EvidenceParts, 'judgeLater'> & Pick<ReportParts, 'judgeReportsLater'>,
) {
  const disk = diskView();
  const inspecting = inspector(seesProcesses);
  const artifacts = new Artifacts(ctx);
  const links = new LeadingLinks({ ctx, artifacts });
  const processes = processThread();
  const base = {
    disk,
    trackers: new TrackerNames(disk),
    rules: rulesOnDisk(),
    names: new GivenNames(ctx.db, (root) => links.to(root)),
    links,
    ctx,
    timing,
    signal,
    inspecting,
    inspector: inspecting,
    lineages: lineages(ctx, seesProcesses ? processes : undefined, signal),
    artifacts,
    ignored: new IgnoredPatterns(() => ignoredPatterns(ctx.db)),
    executions: executionsSeen(
      { ctx, signal, roots: watched, isVisible: seesProcesses, linkTo: (root) => links.to(root)?.root, processes },
      processTrace,
    ),
    ...later,
  };
  return { ...base, reports: new Reports(base) };
}

function executionsSeen(parts: ExecutionParts, trace: string | undefined): Executions {
  return trace === undefined ? new Executions(parts) : new TracedExecutions(parts, traceTo(trace));
}

/** Connects the parts of ingest. Each owns its state and gets only what it needs of the others. */
function createParts(ctx: Context, config: IngestConfig, signal: AbortSignal, wake: () => void) {
  const watched = (): string[] => roots.all().map(({ path }) => path);
  const base = createBase(ctx, config, signal, watched, {
    judgeLater: (path) => changes.readLater(path),
    judgeReportsLater: (folder) => changes.readReportsLater(folder),
  });
  const registrar = new Registrar(base);
  const keeper = new SaveKeeper(base);
  const roots = new WatchedRoots({ change: (one) => changes.enqueue(one), missed: (root) => changes.rescan(root) });
  const settler: Settler = new Settler({ ...base, ownEarly: (artifact) => ownEarly(base, artifact) }, (artifact) =>
    finish({ ...base, registrar, runs, keeper, isWatched: (root) => roots.get(root) !== undefined }, artifact),
  );
  const scanner = new FolderScanner({ ...base, log: ctx.log, roots, settler });
  const runs: RunTracker = new RunTracker({
    ...base,
    hasUnsettled: (folder, before) => settler.hasUnsettled(folder, before),
    checkDisk: (root, folder) => scanner.enqueueBelow(root, folder),
    registerSaves: (run, logs) =>
      registerSaves({ ...base, registrar, requeue: (one, ms) => settler.requeue(one, ms) }, run, logs),
  });
  const schedule = new ScanSchedule({
    ...base,
    roots,
    scanner,
    settler,
    registerExisting: (found) => registerExisting({ ...base, settler }, found),
  });
  const changes: ChangeQueue = new ChangeQueue({
    ...base,
    roots,
    scanner,
    settler,
    runs,
    wake: () => {
      wake();
      base.executions.onChange();
    },
    scan: (root) => void schedule.scanInBackground(root),
    noteLogWriter: logWriterRecorder(base),
    attachEvidence: (root, path) => attachLateEvidence(base, root, path),
    attachReports: (root, folder) => base.reports.attach(root, folder),
  });
  const rootOf = (path: string): string | undefined => roots.rootOf(path)?.path;
  return { ...base, keeper, registrar, roots, settler, runs, schedule, changes, rootOf };
}

/** Returns the operations for the rest of the daemon, except those about the service as a whole. */
function operations(parts: Parts): Omit<Ingest, 'busy' | 'isActive' | 'isIdle' | 'close'> {
  const { ctx, inspector: inspecting, rules } = parts;
  return {
    ...rootOperations(parts),
    ignore: (caller, pattern) =>
      changePatterns(parts, caller, () => ({ type: 'pattern.ignored/1', body: { pattern } })),
    unignore: (caller, pattern) => changePatterns(parts, caller, () => unignored(parts, pattern)),
    scan: (path) => scan(parts, path),
    filesAt: (path) => diskFilesAt(parts, resolve(path)),
    tokenizer: (path) => tokenizerAt(parts, resolve(path)),
    inspect: (path) => inspectPath({ ...parts, db: ctx.db }, resolve(path)),
    policy: (path) => policyOf({ db: ctx.db, rules }, resolve(path)),
    directions: (path) => loggedDirections(parts, resolve(path)),
    runEvidence: (folder) => runEvidence({ ...parts, db: ctx.db }, folder),
    why: (path) => why(whyParts(parts), resolve(path)),
    register: (caller, path, model, force) => registerPath(parts, caller, resolve(path), model, force),
    import: (caller, path, anywhere) => importMlflow(parts, caller, resolve(path), anywhere),
    attach: (caller, model, version, path) => attachFile(parts, caller, model, version, resolve(path)),
    registerFound: (_caller, root) => parts.schedule.registerFound(resolve(root)),
    factsOfStored: (files) => factsOfStored({ inspector: inspecting, blobs: ctx.blobs }, files),
    nameOfDistant: (artifact) => distantName(parts.names, artifact),
    recordLineage: (caller, version, given) => recordGivenLineage(ctx, caller, version, given),
  };
}

function whyParts(parts: Parts): WhyParts {
  const { ctx, changes, roots, schedule, settler } = parts;
  return {
    ...parts,
    problemsOf: (model, version) => problemsIn(ctx.db, model, version),
    isLooking: (root, path) => {
      const watched = roots.get(root);
      return (watched && schedule.isScanning(watched)) === true || settler.isPending(path) || !changes.isEmpty();
    },
  };
}

function problemsIn(db: Context['db'], name: string, version: number): readonly Problem[] {
  const model = modelByName(db, name);
  return (model && versionOf(db, model.id, version)?.body.problems) ?? [];
}

/** Logs errors of the poll loop; the same error in a row only once. */
function logOnce({ log }: Context, signal: AbortSignal): (error: unknown) => void {
  let last = '';
  return (error) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (signal.aborted || last === text) return;
    last = text;
    log.error('a round of watching failed', { error: text });
  };
}

function loggedDirections(
  { rootOf, rules }: { rootOf: (path: string) => string | undefined; rules: Rules },
  path: string,
): Record<string, 'higher' | 'lower'> {
  const root = rootOf(path);
  return (root === undefined ? undefined : rules.fileFor(dirname(path), root))?.file.metrics ?? {};
}

/** Throws `not-found` for a pattern that is not ignored, so that no event without effect gets into the history. */
function unignored({ ctx }: Pick<Parts, 'ctx'>, pattern: string): NewEvent {
  if (ignoredPatterns(ctx.db).includes(pattern)) return { type: 'pattern.unignored/1', body: { pattern } };
  throw new RegistryError(
    'not-found',
    `Pattern ${pattern} is not ignored. List the ignored patterns with: plinth ignore`,
  );
}

async function changePatterns(
  { ctx, ignored, schedule }: Pick<Parts, 'ctx' | 'ignored' | 'schedule'>,
  caller: Caller,
  event: () => NewEvent,
): Promise<Changed> {
  const changed = await commitOne(ctx, caller, event);
  ignored.reload();
  void schedule.scanAll();
  return changed;
}

async function scan(
  { roots, schedule }: Pick<Parts, 'roots' | 'schedule'>,
  path: string | undefined,
): Promise<{ path: string; files: number; tookMs: number }[]> {
  const asked = path === undefined ? undefined : roots.rootOf(resolve(path));
  if (path !== undefined && !asked)
    throw new RegistryError(
      'not-found',
      `${resolve(path)} is not in a watched folder. List the watched folders with: plinth status`,
    );
  const results = [];
  for (const root of asked ? [asked] : roots.all())
    results.push({ path: root.path, ...(await schedule.scanRoot(root, refused)) });
  return results;
}
