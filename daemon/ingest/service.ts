import type { Lineage } from '../protocol/lineage.ts';
import type { Caller } from '../context.ts';
import type { Evidence } from '../protocol/evidence.ts';
import type { ManifestFile, Root } from '../protocol/model.ts';
import type { DistantArtifact } from './artifact/naming.ts';
import type { DiskFile, GivenName } from './artifact/types.ts';
import type { InspectedFiles } from './inspect/inspect-stored.ts';
import type { ImportedModel, ImportedStore } from './import/mlflow.ts';
import type { SaidEvidence } from '../registry/versions/register.ts';
import type { ReplyOf } from '../protocol/routes.ts';
import type { PolicyReply } from '../protocol/routes/policies.ts';
import type { Registered } from '../protocol/routes/versions.ts';
import type { WhyReply } from '../protocol/routes/watch.ts';
import type { Changed } from '../protocol/shapes.ts';

export type { DistantArtifact, ImportedModel, InspectedFiles };

/** Operations of ingest for the rest of the daemon. Paths come from the local user. */
export interface Ingest {
  /** Starts watching a folder and scans it. Throws `not-found` if it does not exist, `conflict` inside another root. */
  watch(caller: Caller, path: string): Promise<Root>;
  /** Stops watching a folder. Its versions stay. */
  unwatch(caller: Caller, path: string): Promise<Changed>;
  /** Suspends watching until `resume`. Throws `not-found` for a folder that is not watched. */
  pause(caller: Caller, path: string): Promise<Changed>;
  /** Watches a paused folder again and scans it. */
  resume(caller: Caller, path: string): Promise<Changed>;
  roots(): Root[];
  /** Reads one root, or all of them, from disk. */
  scan(path?: string): Promise<{ path: string; files: number; tookMs: number }[]>;
  /** Explains the state of a file. */
  why(path: string): WhyReply;
  /** Inspects a file or folder from its headers. Throws `not-found` or `invalid-request`. */
  inspect(path: string): Promise<ReplyOf<'GET /inspect'>>;
  /** Reads the tokenizer of a language model. Throws as `inspect`. */
  tokenizer(path: string): Promise<ReplyOf<'GET /inspect/tokenizer'>>;
  /** Returns the files of the artifact at a path, the primary one first, with their names in it. Throws as `inspect`. */
  filesAt(path: string): Promise<DiskFile[]>;
  /** Returns the plinth.yaml of a folder with its errors, or a proposal for one. */
  policy(path: string): PolicyReply;
  /** Returns the directions of metrics that the policy for a path declares; empty without one. */
  directions(path: string): Record<string, 'higher' | 'lower'>;
  /** Reads the current files of a known run, series included. Throws `not-found`. */
  runEvidence(folder: string): Promise<SaidEvidence[]>;
  ignore(caller: Caller, pattern: string): Promise<Changed>;
  unignore(caller: Caller, pattern: string): Promise<Changed>;
  /** Registers a file or folder by path, watched or not. Throws `already-registered` unless `force`. */
  register(caller: Caller, path: string, model?: string, force?: boolean): Promise<Registered>;
  /** Registers the existing files of a root. */
  registerFound(caller: Caller, root: string): Promise<{ registered: number; skipped: number }>;
  /** Reads metrics or params from a file and adds them to a version's evidence. */
  attach(caller: Caller, model: string, version: string, path: string): Promise<Evidence>;
  /** Imports the models of an MLflow store. */
  import(caller: Caller, path: string, anywhere: boolean): Promise<ImportedStore>;
  /** Inspects files in the blob store. */
  factsOfStored(files: readonly ManifestFile[]): Promise<InspectedFiles>;
  /** Returns the name of a model whose files another machine has sent. */
  nameOfDistant(artifact: DistantArtifact): GivenName;
  /** Records the lineage that a client has sent. */
  recordLineage(caller: Caller, version: { model: string; number: number }, lineage: Lineage): Promise<void>;
  /** Lists the artifacts in progress. */
  busy(): { path: string; doing: string }[];
  /** True while no scan, inspection or live run is in progress. Artifacts that wait for other files do not count. */
  isIdle(): boolean;
  /** True if something was written below a root within the last `ms`, or a run is live. */
  isActive(ms: number): boolean;
  close(): Promise<void>;
}
