import type { Context } from '../context.ts';
import type { ArtifactRow } from '../db/artifacts.ts';
import { artifactView, putArtifact } from '../db/artifacts.ts';
import type { Matcher } from './ignore.ts';
import type { Inspector } from './inspector.ts';
import type { LiveRun } from './live-runs.ts';
import type { Pending } from './settle.ts';
import type { Timing } from './timing.ts';
import type { FolderWatcher } from './watcher.ts';

export interface WatchedRoot {
  path: string;
  watcher: FolderWatcher;
  lastScanAt: number | null;
  /** True until its first scan is done: what is found then is the backlog. */
  fresh: boolean;
}

/** What the parts of ingest share. One daemon has one. */
export interface IngestState {
  readonly ctx: Context;
  readonly timing: Timing;
  readonly inspector: Inspector;
  readonly roots: Map<string, WatchedRoot>;
  /** Units that are not yet known to be finished, by path. */
  readonly pending: Map<string, Pending>;
  /** Live runs by folder. */
  readonly runs: Map<string, LiveRun>;
  /** What is in work right now, by path. */
  readonly busy: Map<string, string>;
  /** When anything below a root last changed, epoch ms. */
  lastChangeAt: number;
  ignored: Matcher;
  closing: boolean;
}

/** Writes down what became of a unit and tells every client. */
export function record(state: IngestState, row: ArtifactRow): void {
  putArtifact(state.ctx.db, row);
  state.ctx.publish({ kind: 'artifact', artifact: artifactView(row) });
}

/** The root that a path lies in; undefined outside all of them. */
export function rootOf(state: IngestState, path: string): WatchedRoot | undefined {
  return [...state.roots.values()].find((root) => path === root.path || path.startsWith(`${root.path}/`));
}
