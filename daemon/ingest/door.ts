import type { Caller } from '../context.ts';
import type { Evidence, Root } from '../protocol/model.ts';
import type { Changed, Registered, WhyReply } from '../protocol/routes.ts';

/** What the rest of the daemon may ask of ingest: the closed list of operations that take a path of the local user's. */
export interface Ingest {
  /** Starts watching a folder and scans it. Throws `not-found` where there is no such folder, `conflict` inside another root. */
  watch(caller: Caller, path: string): Promise<Root>;
  /** Stops watching; what was registered stays. */
  unwatch(caller: Caller, path: string): Promise<Changed>;
  roots(): Root[];
  /** Reads one root, or all of them, from disk. */
  scan(path?: string): Promise<{ path: string; files: number; tookMs: number }[]>;
  /** What became of a file and why. */
  why(path: string): WhyReply;
  ignore(caller: Caller, pattern: string): Promise<Changed>;
  unignore(caller: Caller, pattern: string): Promise<Changed>;
  /** Registers a file or folder by hand, wherever it is. Throws `already-registered` unless `again`. */
  register(caller: Caller, path: string, model?: string, again?: boolean): Promise<Registered>;
  /** Registers what a root held when it was first watched. */
  registerFound(caller: Caller, root: string): Promise<{ registered: number; skipped: number }>;
  /** Reads metrics or params from a file and adds them to a version's evidence. */
  attach(caller: Caller, model: string, version: string, path: string): Promise<Evidence>;
  /** What is in work right now. */
  busy(): { path: string; doing: string }[];
  /** Whether something was written below a root within the last `ms`, or a run is live. */
  isActive(ms: number): boolean;
  close(): Promise<void>;
}
