import { existsSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Caller, Context } from '../context.ts';
import { countsOfRoot, deleteArtifactsOfRoot } from '../db/artifacts.ts';
import { ignoredPatterns, watchedRoots } from '../db/roots.ts';
import { RegistryError } from '../errors.ts';
import type { NewEvent } from '../protocol/events.ts';
import type { Root } from '../protocol/model.ts';
import type { Changed } from '../protocol/routes.ts';
import { attachByHand, registerByHand } from './by-hand.ts';
import { diskView } from './disk.ts';
import type { Ingest } from './door.ts';
import { finish } from './finish.ts';
import { hints, type Hints } from './hints.ts';
import { ignoreMatcher } from './ignore.ts';
import { inspector } from './inspector.ts';
import { resumeRuns, tendRuns } from './live-runs.ts';
import { refused, registerFound, scanAll, scanRoot } from './scanning.ts';
import { settle } from './settle.ts';
import { rootOf, type IngestState, type WatchedRoot } from './state.ts';
import type { Timing } from './timing.ts';
import { watchFolders } from './watcher.ts';
import { why } from './why.ts';

const tickMs = 50;

/** Starts watching every root that the registry knows. Scans begin at once and go on in the background. */
export function createIngest(ctx: Context, timing: Timing): Ingest {
  const state: IngestState = {
    ctx,
    timing,
    inspector: inspector(),
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
  const heard = hints(state, (root) =>
    scanRoot(state, root).catch((error: unknown) => {
      if (!state.closing) ctx.log.error('a scan failed', { root: root.path, error: String(error) });
    }),
  );
  for (const { path } of watchedRoots(ctx.db)) open(state, heard, path, false);
  resumeRuns(state);
  const tick = setInterval(() => {
    heard.handle();
    settle(state, (finished) => finish(state, finished));
    tendRuns(state);
  }, tickMs).unref();
  const rescan = setInterval(() => void scanAll(state), timing.scanEveryMs).unref();
  void scanAll(state);
  return {
    ...folders(state, heard),
    scan: (path) => scanAsked(state, path),
    why: (path) => why(state, resolve(path)),
    register: (caller, path, model, again) => registerByHand(state, caller, resolve(path), model, again),
    attach: (caller, model, version, path) => attachByHand(state, caller, model, version, resolve(path)),
    registerFound: (_caller, root) => registerFound(state, resolve(root)),
    busy: () => [...state.busy].map(([path, doing]) => ({ path, doing })),
    isActive: (ms) => state.runs.size > 0 || state.busy.size > 0 || ctx.now() - state.lastChangeAt < ms,
    close: async () => {
      state.closing = true;
      clearInterval(tick);
      clearInterval(rescan);
      await Promise.all([...state.roots.values()].map((root) => root.watcher.close()));
      await state.inspector.close();
    },
  };
}

type Folders = Pick<Ingest, 'watch' | 'unwatch' | 'roots' | 'ignore' | 'unignore'>;

function folders(state: IngestState, heard: Hints): Folders {
  return {
    watch: (caller, path) => watch(state, heard, caller, path),
    unwatch: (caller, path) => unwatch(state, caller, path),
    roots: () => [...state.roots.values()].map((root) => rootView(state, root)),
    ignore: (caller, pattern) => changePatterns(state, caller, { type: 'pattern.ignored/1', body: { pattern } }),
    unignore: (caller, pattern) => changePatterns(state, caller, { type: 'pattern.unignored/1', body: { pattern } }),
  };
}

function open(state: IngestState, heard: Hints, path: string, fresh: boolean): WatchedRoot {
  const watcher = watchFolders(path, { hint: heard.hear, missed: () => heard.rescan(path) });
  const root: WatchedRoot = {
    path,
    watcher,
    lastScanAt: null,
    fresh,
    scanning: Promise.resolve(),
    next: undefined,
    again: new Set(),
  };
  state.roots.set(path, root);
  return root;
}

async function watch(state: IngestState, heard: Hints, caller: Caller, asked: string): Promise<Root> {
  const path = folderAt(asked);
  const known = state.roots.get(path);
  if (known) return rootView(state, known);
  const around = rootOf(state, path);
  if (around) throw new RegistryError('conflict', `${path} lies in ${around.path}, which is watched already`);
  const inside = [...state.roots.keys()].find((other) => other.startsWith(`${path}/`));
  if (inside !== undefined)
    throw new RegistryError('conflict', `${inside} lies in ${path} and is watched already; stop watching it first`);
  await commitOne(state, caller, { type: 'root.watched/1', body: { path } });
  const root = open(state, heard, path, true);
  await scanRoot(state, root);
  return rootView(state, root);
}

function folderAt(asked: string): string {
  const path = resolve(asked);
  if (!existsSync(path)) throw new RegistryError('not-found', `${path} is not there; make the folder first`);
  if (!statSync(path).isDirectory())
    throw new RegistryError('invalid-request', `${path} is a file; watch the folder that it lies in`);
  return realpathSync(path);
}

async function unwatch(state: IngestState, caller: Caller, asked: string): Promise<Changed> {
  const path = existsSync(asked) ? realpathSync(resolve(asked)) : resolve(asked);
  const root = state.roots.get(path);
  if (!root) throw new RegistryError('not-found', `${path} is not watched; see: plinth status`);
  const changed = await commitOne(state, caller, { type: 'root.unwatched/1', body: { path } });
  state.roots.delete(path);
  for (const key of state.pending.keys()) if (key.startsWith(`${path}/`)) state.pending.delete(key);
  for (const [folder, run] of state.runs) if (run.root === path) state.runs.delete(folder);
  deleteArtifactsOfRoot(state.ctx.db, path);
  await root.watcher.close();
  return changed;
}

async function commitOne(state: IngestState, caller: Caller, event: NewEvent): Promise<Changed> {
  return state.ctx.commit(caller, () => ({
    events: [event],
    result: ([committed]) => ({ seq: committed!.seq, hash: committed!.hash }),
  }));
}

async function changePatterns(state: IngestState, caller: Caller, event: NewEvent): Promise<Changed> {
  const changed = await commitOne(state, caller, event);
  state.ignored = ignoreMatcher(ignoredPatterns(state.ctx.db));
  void scanAll(state);
  return changed;
}

function rootView(state: IngestState, root: WatchedRoot): Root {
  const { path } = root;
  const watching = existsSync(path)
    ? root.watcher.state()
    : { state: 'missing' as const, detail: 'the folder is not there' };
  const addedAt = watchedRoots(state.ctx.db).find((known) => known.path === path)?.addedAt ?? 0;
  return { path, ...watching, addedAt, lastScanAt: root.lastScanAt, counts: countsOfRoot(state.ctx.db, path) };
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
