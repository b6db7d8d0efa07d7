import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Caller, Context } from '../../context.ts';
import { countsOfRoot } from '../../db/artifacts.ts';
import { watchedRoots } from '../../db/roots.ts';
import { RegistryError } from '../../errors.ts';
import type { Rules } from '../../policy/watch-rules.ts';
import type { NewEvent } from '../../protocol/events.ts';
import type { Root } from '../../protocol/model.ts';
import type { Changed } from '../../protocol/shapes.ts';
import type { RunTracker } from '../runs/run-tracker.ts';
import { shellWord } from '../../shared/format.ts';
import type { Ingest } from '../service.ts';
import type { Artifacts } from '../artifact/artifact-state.ts';
import type { Settler } from '../settle/settler.ts';
import type { LeadingLinks } from './leading-links.ts';
import type { ScanSchedule } from './scan-schedule.ts';
import type { WatchedRoot, WatchedRoots } from './watched-roots.ts';

export interface RootParts {
  readonly ctx: Pick<Context, 'blobs' | 'commit' | 'db'>;
  readonly rules: Rules;
  readonly roots: WatchedRoots;
  readonly artifacts: Pick<Artifacts, 'forgetRoot'>;
  readonly settler: Pick<Settler, 'dropBelow'>;
  readonly runs: Pick<RunTracker, 'drop' | 'resume'>;
  readonly schedule: Pick<ScanSchedule, 'scanRoot'>;
  readonly links: Pick<LeadingLinks, 'dropRoot' | 'reportAgain' | 'unwatchedBelow'>;
}

/** The operations on watched folders. */
export function rootOperations(parts: RootParts): Pick<Ingest, 'watch' | 'unwatch' | 'pause' | 'resume' | 'roots'> {
  return {
    watch: (caller, path) => watch(parts, caller, path),
    unwatch: (caller, path) => unwatch(parts, caller, path),
    pause: (caller, path) => pause(parts, caller, path),
    resume: (caller, path) => resume(parts, caller, path),
    roots: () => watchedRoots(parts.ctx.db).map(({ path }) => rootView(parts, path)),
  };
}

async function watch(parts: RootParts, caller: Caller, asked: string): Promise<Root> {
  const path = folderAt(asked);
  const others = watchedRoots(parts.ctx.db);
  const known = others.find((other) => other.path === path);
  if (known?.paused) await resume(parts, caller, path);
  if (known) return rootView(parts, path);
  assertHoldsOutputs(parts, path);
  const around = others.find((other) => path.startsWith(`${other.path}/`));
  if (around) throw new RegistryError('conflict', `${path} is in ${around.path}, which is already watched.`);
  const inside = others.find((other) => other.path.startsWith(`${path}/`));
  if (inside)
    throw new RegistryError('conflict', `${inside.path} is in ${path} and already watched. Stop watching it first.`);
  await commitOne(parts.ctx, caller, () => ({ type: 'root.watched/1', body: { path } }));
  parts.links.reportAgain();
  await parts.schedule.scanRoot(parts.roots.open(path, true));
  return rootView(parts, path);
}

function folderAt(asked: string): string {
  const path = resolve(asked);
  if (!existsSync(path)) throw new RegistryError('not-found', `${path} does not exist. Create the folder first.`);
  if (!statSync(path).isDirectory())
    throw new RegistryError('invalid-request', `${path} is a file. Watch the folder that contains it.`);
  return realpathSync(path);
}

/** Throws `invalid-request` for the whole file system and for folders that hold the registry's own data. */
function assertHoldsOutputs({ ctx }: RootParts, path: string): void {
  if (dirname(path) === path)
    throw new RegistryError(
      'invalid-request',
      `${path} is the whole file system. Watch the folder that training outputs are written to.`,
    );
  const own = realpathSync(ctx.blobs.folder);
  if (path === own || path.startsWith(`${own}/`))
    throw new RegistryError(
      'invalid-request',
      `${path} belongs to the registry itself. Watch the folder that training outputs are written to.`,
    );
}

async function unwatch(parts: RootParts, caller: Caller, asked: string): Promise<Changed> {
  const { path } = watched(parts, asked);
  const changed = await commitOne(parts.ctx, caller, () => ({ type: 'root.unwatched/1', body: { path } }));
  await stopWatching(parts, path);
  parts.artifacts.forgetRoot(path);
  parts.links.dropRoot(path);
  parts.links.reportAgain();
  return changed;
}

async function pause(parts: RootParts, caller: Caller, asked: string): Promise<Changed> {
  const { path, paused } = watched(parts, asked);
  if (paused)
    throw new RegistryError('conflict', `${path} is already paused. Resume it with: plinth resume ${shellWord(path)}`);
  const changed = await commitOne(parts.ctx, caller, () => ({ type: 'root.paused/1', body: { path } }));
  await stopWatching(parts, path);
  return changed;
}

async function resume(parts: RootParts, caller: Caller, asked: string): Promise<Changed> {
  const { path, paused } = watched(parts, asked);
  if (!paused) throw new RegistryError('conflict', `${path} is not paused.`);
  const changed = await commitOne(parts.ctx, caller, () => ({ type: 'root.resumed/1', body: { path } }));
  const root = parts.roots.open(path, false);
  parts.runs.resume(path);
  await parts.schedule.scanRoot(root);
  return changed;
}

async function stopWatching({ roots, settler, runs }: RootParts, path: string): Promise<void> {
  const closed = roots.close(path);
  settler.dropBelow(path);
  runs.drop(path);
  await closed;
}

function watched(parts: RootParts, asked: string): { path: string; paused: boolean } {
  const path = existsSync(asked) ? realpathSync(resolve(asked)) : resolve(asked);
  const row = watchedRoots(parts.ctx.db).find((known) => known.path === path);
  if (!row)
    throw new RegistryError('not-found', `${path} is not watched. List the watched folders with: plinth status`);
  return row;
}

/** Commits a change that consists of one event. */
export async function commitOne(ctx: Pick<Context, 'commit'>, caller: Caller, event: () => NewEvent): Promise<Changed> {
  return ctx.commit(caller, () => ({
    events: [event()],
    result: ([committed]) => ({ seq: committed!.seq, hash: committed!.hash }),
  }));
}

function rootView(parts: RootParts, path: string): Root {
  const root = parts.roots.get(path);
  const addedAt = watchedRoots(parts.ctx.db).find((known) => known.path === path)?.addedAt ?? 0;
  const counts = countsOfRoot(parts.ctx.db, path);
  const links = parts.links.unwatchedBelow(path);
  return { path, ...conditionOf(parts, root, path), addedAt, lastScanAt: root?.lastScanAt ?? null, counts, links };
}

function conditionOf(parts: RootParts, root: WatchedRoot | undefined, path: string): Pick<Root, 'state' | 'detail'> {
  if (!root) return { state: 'paused', detail: 'Not scanned until watching is resumed.' };
  if (!existsSync(path)) return { state: 'missing', detail: 'The folder does not exist.' };
  const watching = root.watcher.state();
  const file = parts.rules.fileFor(path, path);
  const [problem] = file?.problems ?? [];
  if (!problem || watching.detail !== null) return watching;
  return {
    ...watching,
    detail: `${file?.path}:${problem.line}:${problem.column}: ${problem.message}; the file is ignored until this is corrected`,
  };
}
