import type { Lineage } from '../protocol/lineage.ts';
import type { Caller } from '../context.ts';
import type { ModelFacts } from '../protocol/artifact.ts';
import type { Evidence } from '../protocol/evidence.ts';
import type { ManifestFile, Root } from '../protocol/model.ts';
import type { ImportedModel, ImportedStore } from './import/mlflow.ts';
import type { SaidEvidence } from '../registry/versions/register.ts';
import type { ReplyOf } from '../protocol/routes.ts';
import type { PolicyReply } from '../protocol/routes/policies.ts';
import type { Registered } from '../protocol/routes/versions.ts';
import type { WhyReply } from '../protocol/routes/watch.ts';
import type { Changed } from '../protocol/shapes.ts';

export type { ImportedModel };

/** The closed list of operations of ingest that take a path of the local user's, for the rest of the daemon. */
export interface Ingest {
  /** Starts watching a folder and scans it. Throws `not-found` where there is no such folder, `conflict` inside another root. */
  watch(caller: Caller, path: string): Promise<Root>;
  /** Stops watching; what was registered stays. */
  unwatch(caller: Caller, path: string): Promise<Changed>;
  /** Lets a watched folder be, until it is resumed. Throws `not-found` for one that is not watched. */
  pause(caller: Caller, path: string): Promise<Changed>;
  /** Watches it again, and takes notice of what happened meanwhile. */
  resume(caller: Caller, path: string): Promise<Changed>;
  roots(): Root[];
  /** Reads one root, or all of them, from disk. */
  scan(path?: string): Promise<{ path: string; files: number; tookMs: number }[]>;
  /** Explains what became of a file. */
  why(path: string): WhyReply;
  /** Inspects a file or folder from its headers. Throws `not-found` or `invalid-request`. */
  inspect(path: string): Promise<ReplyOf<'GET /inspect'>>;
  /** The plinth.yaml of a folder with its mistakes, or a proposal for one. */
  policy(path: string): PolicyReply;
  /** Which way the plinth.yaml that holds for a path says that metrics are better; empty where none does. */
  directions(path: string): Record<string, 'higher' | 'lower'>;
  /** Reads the files of a known run as they are now, with its series. Throws `not-found`. */
  runEvidence(folder: string): Promise<SaidEvidence[]>;
  ignore(caller: Caller, pattern: string): Promise<Changed>;
  unignore(caller: Caller, pattern: string): Promise<Changed>;
  /** Registers a file or folder by hand, wherever it is. Throws `already-registered` unless `force`. */
  register(caller: Caller, path: string, model?: string, force?: boolean): Promise<Registered>;
  /** Registers what a root held when it was first watched. */
  registerFound(caller: Caller, root: string): Promise<{ registered: number; skipped: number }>;
  /** Reads metrics or params from a file and adds them to a version's evidence. */
  attach(caller: Caller, model: string, version: string, path: string): Promise<Evidence>;
  /** Brings in the models of an MLflow store. */
  import(caller: Caller, path: string, anywhere: boolean): Promise<ImportedStore>;
  /** Inspects files that the blob store owns, and finds the primary one. */
  factsOfStored(files: readonly ManifestFile[]): Promise<{ facts: ModelFacts; primary: string }>;
  /** Records where a version came from by what a client told. */
  recordLineage(caller: Caller, version: { model: string; number: number }, lineage: Lineage): Promise<void>;
  /** Lists the work in progress. */
  busy(): { path: string; doing: string }[];
  /** True while there is no scan, no inspection and no live run. Artifacts that wait for files which are still to come do not count. */
  isIdle(): boolean;
  /** True where something was written below a root within the last `ms`, or a run is live. */
  isActive(ms: number): boolean;
  close(): Promise<void>;
}
