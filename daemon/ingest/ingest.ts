import { dirname, resolve } from 'node:path';
import type { Caller, Context } from '../context.ts';
import { ignoredPatterns, watchedRoots } from '../db/roots.ts';
import { RegistryError } from '../errors.ts';
import type { NewEvent } from '../protocol/events.ts';
import type { Changed } from '../protocol/routes.ts';
import { runClaims } from './register/run-evidence.ts';
import { attachByHand, registerByHand } from './register/register-path.ts';
import { beating } from '../runtime/poll-loop.ts';
import { diskView } from './watch/folder-cache.ts';
import type { Ingest } from './service.ts';
import { finish } from './settle/finish.ts';
import { hints, type Hints } from './watch/change-queue.ts';
import { ignoreMatcher } from './watch/ignore.ts';
import { lineages, takeMissed } from './lineage/lineage.ts';
import { inspectByHand } from './artifact/explicit-path.ts';
import { importMlflow } from './import/mlflow.ts';
import { inspector } from './artifact/inspector.ts';
import { resumeRuns, tendRuns } from './runs/run-tracker.ts';
import { watcherCaller } from './register/register-artifact.ts';
import { commitOne, openRoot, rootsOf } from './watch/roots.ts';
import { rulesOnDisk } from '../policy/watch-rules.ts';
import { policyOf } from './propose-policy.ts';
import { refused, registerFound, scanAll, scanRoot } from './watch/scan-schedule.ts';
import { Artifacts } from './settle/artifact-state.ts';
import { settle } from './settle/settler.ts';
import { rootOf, type IngestState, type WatchedRoot } from './state.ts';
import { factsOfStored } from './artifact/inspect-stored.ts';
import type { Timing } from '../runtime/timing.ts';
import { recordToldLineage } from './lineage/told-lineage.ts';
import { why } from './why.ts';

/** Starts watching every root that the registry knows. Scans begin at once and go on in the background. */
export function createIngest(ctx: Context, timing: Timing): Ingest {
  const state = stateOf(ctx, timing);
  const heard = hints(
    state,
    (root) => scanAsNeeded(state, root),
    () => beat.wake(),
  );
  const beat = beating(
    () => work(state, heard),
    () => heard.isQuiet() && state.pending.size + state.runs.size === 0,
    (error) => reportOnce(state, error),
  );
  for (const { path, paused } of watchedRoots(ctx.db)) {
    if (paused) continue;
    openRoot(state, heard, path, false);
    resumeRuns(state, path);
  }
  takeMissed(state, watcherCaller);
  const rescan = setInterval(() => void scanAll(state), timing.scanEveryMs).unref();
  void scanAll(state);
  return {
    ...rootsOf(state, heard),
    ignore: (caller, pattern) => changePatterns(state, caller, { type: 'pattern.ignored/1', body: { pattern } }),
    unignore: (caller, pattern) => changePatterns(state, caller, { type: 'pattern.unignored/1', body: { pattern } }),
    scan: (path) => scanAsked(state, path),
    inspect: (path) => inspectByHand(state, resolve(path)),
    policy: (path) => policyOf(state, resolve(path)),
    directions: (path) => directionsAt(state, resolve(path)),
    runClaims: (folder) => runClaims(state, folder),
    why: (path) => why(state, resolve(path)),
    register: (caller, path, model, again) => registerByHand(state, caller, resolve(path), model, again),
    import: (caller, path, anywhere) => importMlflow(state, caller, resolve(path), anywhere),
    attach: (caller, model, version, path) => attachByHand(state, caller, model, version, resolve(path)),
    registerFound: (_caller, root) => registerFound(state, resolve(root)),
    factsOfStored: (files) => factsOfStored(state, files),
    tellLineage: (caller, version, told) => recordToldLineage(ctx, caller, version, told),
    busy: () => [...state.busy].map(([path, doing]) => ({ path, doing })),
    isActive: (ms) => state.runs.size > 0 || state.busy.size > 0 || ctx.now() - state.lastChangeAt < ms,
    close: async () => {
      state.closing = true;
      beat.close();
      clearInterval(rescan);
      await Promise.all([...state.roots.values()].map((root) => root.watcher.close()));
      await Promise.all([state.inspector.close(), state.lineages.close()]);
    },
  };
}

const reported = new WeakMap<IngestState, string>();

/** Logs what a round of work threw; the same again and again is logged once. */
function reportOnce(state: IngestState, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (state.closing || reported.get(state) === text) return;
  reported.set(state, text);
  state.ctx.log.error('a round of watching failed', { error: text });
}

function work(state: IngestState, heard: Hints): void {
  heard.handle();
  settle(state, (finished) => finish(state, finished));
  tendRuns(state);
}

async function scanAsNeeded(state: IngestState, root: WatchedRoot): Promise<void> {
  try {
    await scanRoot(state, root);
  } catch (error) {
    if (!state.closing) state.ctx.log.error('a scan failed', { root: root.path, error: String(error) });
  }
}

function directionsAt(state: IngestState, path: string): Record<string, 'higher' | 'lower'> {
  const root = rootOf(state, path)?.path;
  return (root === undefined ? undefined : state.rules.fileFor(dirname(path), root))?.file.metrics ?? {};
}

function stateOf(ctx: Context, timing: Timing): IngestState {
  return {
    ctx,
    timing,
    artifacts: new Artifacts(ctx),
    inspector: inspector(),
    lineages: lineages(),
    rules: rulesOnDisk(),
    disk: diskView(),
    turns: new Map(),
    roots: new Map(),
    pending: new Map(),
    runs: new Map(),
    busy: new Map(),
    lastChangeAt: 0,
    ignored: ignoreMatcher(ignoredPatterns(ctx.db)),
    closing: false,
  };
}

async function changePatterns(state: IngestState, caller: Caller, event: NewEvent): Promise<Changed> {
  const changed = await commitOne(state, caller, event);
  state.ignored = ignoreMatcher(ignoredPatterns(state.ctx.db));
  void scanAll(state);
  return changed;
}

async function scanAsked(
  state: IngestState,
  path: string | undefined,
): Promise<{ path: string; files: number; tookMs: number }[]> {
  const asked = path === undefined ? undefined : rootOf(state, resolve(path));
  if (path !== undefined && !asked)
    throw new RegistryError('not-found', `${resolve(path)} is not below a watched folder; see: plinth status`);
  const results = [];
  for (const root of asked ? [asked] : [...state.roots.values()])
    results.push({ path: root.path, ...(await scanRoot(state, root, refused)) });
  return results;
}
