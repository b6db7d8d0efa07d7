import type { Context } from '../context.ts';
import type { ArtifactState } from '../protocol/model.ts';
import type { Matcher } from './watch/ignore.ts';
import type { Disk } from './watch/folder-cache.ts';
import type { Inspector } from './artifact/inspector.ts';
import type { Lineages } from './lineage/lineage.ts';
import type { LiveRun } from './runs/run-tracker.ts';
import type { Artifacts } from './settle/artifact-state.ts';
import type { Pending } from './settle/settler.ts';
import type { Rules } from '../policy/watch-rules.ts';
import type { Timing } from '../runtime/timing.ts';
import type { Turns } from '../runtime/keyed-queue.ts';
import type { FolderWatcher } from './watch/watcher.ts';

/** What a scan saw. */
export interface Scanned {
  files: number;
  tookMs: number;
}

export interface WatchedRoot {
  path: string;
  watcher: FolderWatcher;
  lastScanAt: number | null;
  /** True until its first scan is done: what is found then is the backlog. */
  fresh: boolean;
  /** The scan that goes on, and the one that follows it: requests that come meanwhile share that. */
  scanning: Promise<unknown>;
  next: Promise<Scanned> | undefined;
  /** States that the next scan reads again. */
  again: Set<ArtifactState>;
}

/** What the parts of ingest share. One daemon has one. */
export interface IngestState {
  readonly ctx: Context;
  readonly timing: Timing;
  /** The only writer of their rows. */
  readonly artifacts: Artifacts;
  readonly inspector: Inspector;
  readonly lineages: Lineages;
  readonly rules: Rules;
  readonly disk: Disk;
  readonly roots: Map<string, WatchedRoot>;
  /** Units that are not yet known to be finished, by path. */
  readonly pending: Map<string, Pending>;
  /** Decisions in work, by model: its versions are numbered in the order in which their files were written. */
  readonly turns: Turns;
  /** Live runs by folder. */
  readonly runs: Map<string, LiveRun>;
  /** What is in work right now, by path. */
  readonly busy: Map<string, string>;
  /** When anything below a root last changed, epoch ms. */
  lastChangeAt: number;
  ignored: Matcher;
  closing: boolean;
}

/** The root that a path lies in; undefined outside all of them. */
export function rootOf(state: IngestState, path: string): WatchedRoot | undefined {
  return [...state.roots.values()].find((root) => path === root.path || path.startsWith(`${root.path}/`));
}
