import type { PickleReport, Problem } from './artifact.ts';
import type { Json } from './json.ts';

/** `sha256:` and 64 hex digits. */
export type Digest = string;

/** Epoch milliseconds. */
export type Time = number;

/** The stages of every registry. All but `development` and `archived` are exclusive: at most one version holds each. */
export const stages = ['development', 'staging', 'production', 'archived'] as const;
export type Stage = (typeof stages)[number];

export type PointerKind = 'stage' | 'alias';

/** Identifies a stage or an alias of a model. */
export interface PointerRef {
  kind: PointerKind;
  name: string;
}

/** An exclusive stage or an alias of a model, and its current version. */
export interface Pointer extends PointerRef {
  /** Number of the current version; null for none. */
  holder: number | null;
  /** Previous versions, the newest last: a rollback takes the last one. */
  previous: number[];
  /** Number of the event that set the current version. */
  seq: number;
  at: Time;
  actor: string;
  reason: string;
  /** True if gates failed and a person with the right bypassed them. */
  bypassed?: true;
}

/** A model, with the stages and aliases that its versions may get. */
export interface ModelDetail extends Model {
  /** Stages in their order, then aliases: those in the policy and those that exist. */
  places: PointerRef[];
  /** Owner that the policy or the card names; null for none. */
  owner: string | null;
  /** Bounds of metrics that gates require. */
  thresholds: MetricThreshold[];
}

/** A bound that the gates of a stage or alias set for a metric. */
export interface MetricThreshold extends PointerRef {
  metric: string;
  bound: 'at least' | 'at most';
  value: number;
}

export interface Model {
  name: string;
  description: string;
  tags: Record<string, string>;
  createdAt: Time;
  updatedAt: Time;
  /** Origin of its name; absent if unknown. */
  named?: NameOrigin;
  /** Number of versions, without deleted and moved ones. */
  versions: number;
  /** Number of the newest of these; null for none. */
  latest: number | null;
  /** The metric shown for the model everywhere; null if no metric says how good its versions are. */
  primaryMetric: PrimaryMetric | null;
  /** Metrics that people pinned, in the order in which they are listed first everywhere. The first is the primary metric. */
  pinnedMetrics: string[];
  /** The version that represents the model: production's, else the newest; null for none. */
  current: CurrentVersion | null;
  pointers: Pointer[];
  /** True if the policy asks for approvals for one of its stages or aliases; absent otherwise. */
  asksApproval?: true;
}

/** Origin of a model's name: a person, a rule of plinth.yaml, a tracker, or a guess by its file, its folder or its project. */
export interface NameOrigin {
  by: 'user' | 'policy' | 'tracker' | 'file' | 'folder' | 'project';
  /** The file, folder or project that gave it; empty for a person. */
  from: string;
}

export interface PrimaryMetric {
  name: string;
  /** Which direction is better; null if neither the policy nor the name says. */
  direction: 'higher' | 'lower' | null;
  /** Who chose it: a person, the policy (plinth.yaml), or nobody: then it is derived from the versions. */
  chosenBy: 'person' | 'policy' | 'versions';
}

export interface CurrentVersion {
  number: number;
  framework: string;
  /** Absolute path of the folder in which it was found. */
  folder: string;
  metrics: Record<string, number | string>;
}

export type VersionState = 'ready' | 'damaged' | 'deleted' | 'moved';

export interface Version {
  model: string;
  number: number;
  state: VersionState;
  stage: string;
  aliases: string[];
  /** SHA-256 of the manifest: the version's identity. */
  digest: Digest;
  /** The file that represents it: base name, or path within the artifact's folder. */
  primary: string;
  wholeFolder: boolean;
  files: number;
  /** Sum of the files in bytes. */
  size: number;
  framework: string;
  frameworkVersion: string | null;
  format: string;
  modelClass: string | null;
  parameterCount: number | null;
  pickle: PickleReport['verdict'] | null;
  problems: Problem[];
  metrics: Record<string, number | string>;
  params: Record<string, Json>;
  /** How and where it was found. */
  source: VersionSource;
  description: string;
  tags: Record<string, string>;
  createdAt: Time;
  actor: string;
  /** Number of the event that registered it. */
  seq: number;
  /** Its new reference `model@number` if its state is `moved`. */
  movedTo: string | null;
  /** References of merged models that resolve to it: `churn-old@3`. Absent for none. */
  formerly?: string[];
  /** Time until which a deletion can be undone. */
  deletedUntil: Time | null;
}

/** Returns true if a version's bytes are stored elsewhere: Plinth knows only their address, and can neither verify nor return them. */
export function isExternal({ files }: Pick<Version, 'files'>): boolean {
  return files === 0;
}

export interface VersionSource {
  kind: 'watch' | 'hand' | 'move' | 'import' | 'mlflow';
  /** Absolute path of the primary file at registration; for an MLflow client's version, the source that it gave. */
  path: string;
  /** Folder of its run; null for none. */
  run: string | null;
  /** Time of the last write to the primary file. */
  writtenAt: Time | null;
  /** For an imported version: its name in the other registry, such as `mlflow:churn/7`, and its creation time there. */
  imported?: { origin: string; createdAt: Time };
  /** For a version that an MLflow client registered: the data that it sent. */
  mlflow?: MlflowSource;
}

export interface MlflowSource {
  /** URI as given: `runs:/…`, `models:/…`, `s3://…`. */
  source: string;
  /** The URI's location when the version was made; for external bytes, where they are stored. */
  location: string;
  /** Empty if none was given. */
  runId: string;
  runLink: string;
  modelId: string;
}

/** One file of a version. */
export interface ManifestFile {
  /** Relative path with `/`; empty for the only file of a one-file artifact. */
  path: string;
  size: number;
  sha256: string;
}

export interface Comment {
  seq: number;
  at: Time;
  actor: string;
  text: string;
}

/** A watched folder. */
export interface Root {
  path: string;
  state: 'watching' | 'polling' | 'paused' | 'missing' | 'error';
  /** A sentence if the state is not `watching`. */
  detail: string | null;
  addedAt: Time;
  lastScanAt: Time | null;
  counts: Record<ArtifactState, number>;
  /** Links in it to folders that are not watched. Absent from older services. */
  links?: LinkedFolder[];
}

/** A link, which is not followed, and its target folder. */
export interface LinkedFolder {
  path: string;
  target: string;
}

/** States of an artifact below a watched folder. */
export const artifactStates = [
  'waiting',
  'candidate',
  'found',
  'registered',
  'duplicate',
  'ignored',
  'unreadable',
] as const;
export type ArtifactState = (typeof artifactStates)[number];

export interface Artifact {
  /** Absolute path of the primary file. */
  path: string;
  root: string;
  state: ArtifactState;
  /** Reason for its state, one sentence. */
  reason: string;
  recogniser: string | null;
  framework: string | null;
  format: string | null;
  size: number;
  /** Id of its run; null for none. */
  run: string | null;
  /** The model that it has, or would get. */
  model: string | null;
  /** The version made of it, or with the same bytes. */
  version: number | null;
  metrics: Record<string, number | string>;
  seenAt: Time;
}

/** The process of a run, with everything that it started. */
export interface RunExecution {
  /** Identifies the process: pid and start time. */
  id: string;
  /** Arguments, the program first, without secrets. */
  command: string[];
  /** Absolute path of its working folder. */
  folder: string;
  /** Absolute path; null if the command line names none. */
  script: string | null;
}

/** How another process continued a run whose process had stopped. */
export interface Resumption {
  /** When it was found. */
  at: Time;
  /** What shows it, in one sentence. */
  reason: string;
  /** The process that had stopped; null if none was seen. */
  from: RunExecution | null;
}

/** One training execution in a watched folder, with those that resumed it. */
export interface Run {
  /** Its folder; with a number if the folder had earlier runs: `/work/out//2`. */
  id: string;
  /** Absolute path of its folder. */
  folder: string;
  /** Its process, or the last one that resumed it; null if none was seen. */
  execution: RunExecution | null;
  /** Oldest first; empty for a run that was never resumed. */
  resumptions: Resumption[];
  status: 'running' | 'finished' | 'failed' | 'killed';
  startedAt: Time;
  /** Time of the last write in it. */
  updatedAt: Time;
  endedAt: Time | null;
  params: Record<string, Json>;
  metrics: Record<string, number | string>;
}
