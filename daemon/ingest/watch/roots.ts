import { existsSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Caller } from '../../context.ts';
import { countsOfRoot } from '../../db/artifacts.ts';
import { watchedRoots } from '../../db/roots.ts';
import { RegistryError } from '../../errors.ts';
import type { NewEvent } from '../../protocol/events.ts';
import type { Root } from '../../protocol/model.ts';
import type { Changed } from '../../protocol/routes.ts';
import type { Ingest } from '../service.ts';
import type { Hints } from './change-queue.ts';
import { resumeRuns } from '../runs/run-tracker.ts';
import { scanRoot } from './scan-schedule.ts';
import type { IngestState, WatchedRoot } from '../state.ts';
import { watchFolders } from './watcher.ts';

/** The folders that are watched, and those that are let be for a while. A paused one is not among the state's roots. */
export function rootsOf(
  state: IngestState,
  heard: Hints,
): Pick<Ingest, 'watch' | 'unwatch' | 'pause' | 'resume' | 'roots'> {
  return {
    watch: (caller, path) => watch(state, heard, caller, path),
    unwatch: (caller, path) => unwatch(state, caller, path),
    pause: (caller, path) => pause(state, caller, path),
    resume: (caller, path) => resume(state, heard, caller, path),
    roots: () => watchedRoots(state.ctx.db).map(({ path }) => rootView(state, path)),
  };
}

/** Begins to watch; `fresh` until its backlog was told. */
export function openRoot(state: IngestState, heard: Hints, path: string, fresh: boolean): WatchedRoot {
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
  const others = watchedRoots(state.ctx.db);
  const known = others.find((other) => other.path === path);
  if (known?.paused) await resume(state, heard, caller, path);
  if (known) return rootView(state, path);
  const around = others.find((other) => path.startsWith(`${other.path}/`));
  if (around) throw new RegistryError('conflict', `${path} lies in ${around.path}, which is watched already`);
  const inside = others.find((other) => other.path.startsWith(`${path}/`));
  if (inside)
    throw new RegistryError(
      'conflict',
      `${inside.path} lies in ${path} and is watched already; stop watching it first`,
    );
  await commitOne(state, caller, { type: 'root.watched/1', body: { path } });
  await scanRoot(state, openRoot(state, heard, path, true));
  return rootView(state, path);
}

function folderAt(asked: string): string {
  const path = resolve(asked);
  if (!existsSync(path)) throw new RegistryError('not-found', `${path} is not there; make the folder first`);
  if (!statSync(path).isDirectory())
    throw new RegistryError('invalid-request', `${path} is a file; watch the folder that it lies in`);
  return realpathSync(path);
}

async function unwatch(state: IngestState, caller: Caller, asked: string): Promise<Changed> {
  const { path } = watched(state, asked);
  const changed = await commitOne(state, caller, { type: 'root.unwatched/1', body: { path } });
  await letGo(state, path);
  state.artifacts.forgetRoot(path);
  return changed;
}

async function pause(state: IngestState, caller: Caller, asked: string): Promise<Changed> {
  const { path, paused } = watched(state, asked);
  if (paused) throw new RegistryError('conflict', `${path} is paused already; go on with: plinth resume ${path}`);
  const changed = await commitOne(state, caller, { type: 'root.paused/1', body: { path } });
  await letGo(state, path);
  return changed;
}

async function resume(state: IngestState, heard: Hints, caller: Caller, asked: string): Promise<Changed> {
  const { path, paused } = watched(state, asked);
  if (!paused) throw new RegistryError('conflict', `${path} is not paused`);
  const changed = await commitOne(state, caller, { type: 'root.resumed/1', body: { path } });
  const root = openRoot(state, heard, path, false);
  resumeRuns(state, path);
  await scanRoot(state, root);
  return changed;
}

async function letGo(state: IngestState, path: string): Promise<void> {
  const root = state.roots.get(path);
  state.roots.delete(path);
  for (const key of state.pending.keys()) if (key.startsWith(`${path}/`)) state.pending.delete(key);
  for (const [folder, run] of state.runs) if (run.root === path) state.runs.delete(folder);
  await root?.watcher.close();
}

function watched(state: IngestState, asked: string): { path: string; paused: boolean } {
  const path = existsSync(asked) ? realpathSync(resolve(asked)) : resolve(asked);
  const row = watchedRoots(state.ctx.db).find((known) => known.path === path);
  if (!row) throw new RegistryError('not-found', `${path} is not watched; see: plinth status`);
  return row;
}

/** Commits the one event of a change that is nothing else. */
export async function commitOne(state: IngestState, caller: Caller, event: NewEvent): Promise<Changed> {
  return state.ctx.commit(caller, () => ({
    events: [event],
    result: ([committed]) => ({ seq: committed!.seq, hash: committed!.hash }),
  }));
}

function rootView(state: IngestState, path: string): Root {
  const root = state.roots.get(path);
  const addedAt = watchedRoots(state.ctx.db).find((known) => known.path === path)?.addedAt ?? 0;
  const counts = countsOfRoot(state.ctx.db, path);
  return { path, ...conditionOf(state, root, path), addedAt, lastScanAt: root?.lastScanAt ?? null, counts };
}

function conditionOf(state: IngestState, root: WatchedRoot | undefined, path: string): Pick<Root, 'state' | 'detail'> {
  if (!root) return { state: 'paused', detail: 'nothing below it is looked at until it is resumed' };
  if (!existsSync(path)) return { state: 'missing', detail: 'the folder is not there' };
  const watching = root.watcher.state();
  const file = state.rules.fileFor(path, path);
  const [problem] = file?.problems ?? [];
  if (!problem || watching.detail !== null) return watching;
  return {
    ...watching,
    detail: `${file?.path}:${problem.line}:${problem.column}: ${problem.message}; it is not followed`,
  };
}
