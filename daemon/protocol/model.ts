import type { PickleReport, Problem } from './artifact.ts';
import type { Json } from './json.ts';

/** `sha256:` and 64 hex digits. */
export type Digest = string;

/** Epoch milliseconds. */
export type Time = number;

/** The stages that every registry has. The others are exclusive: at most one version, their holder. */
export const stages = ['development', 'staging', 'production', 'archived'] as const;
export type Stage = (typeof stages)[number];

export type PointerKind = 'stage' | 'alias';

/** Names a stage or an alias of a model. */
export interface PointerRef {
  kind: PointerKind;
  name: string;
}

/** An exclusive stage or an alias of a model, and its current version. */
export interface Pointer extends PointerRef {
  /** Number of the version that holds it; null when nobody does. */
  holder: number | null;
  /** Earlier holders, the newest last: roll back pops from here. */
  previous: number[];
  /** The event that made it so. */
  seq: number;
  at: Time;
  actor: string;
  reason: string;
  /** Gates failed when it was put there, and somebody with the right went past them. */
  bypassed?: true;
}

/** A model, and where its versions may be put. */
export interface ModelDetail extends Model {
  /** Stages in their order and aliases: those that the rules name, and those that there are. */
  places: PointerRef[];
}

export interface Model {
  name: string;
  description: string;
  tags: Record<string, string>;
  createdAt: Time;
  updatedAt: Time;
  /** What it has its name from; absent where that is not known. */
  named?: NameOrigin;
  /** Versions that are neither deleted nor moved away. */
  versions: number;
  /** Number of the newest of these; null while there is none. */
  latest: number | null;
  /** The metric that stands for the model on every surface; null where nothing says how good its versions are. */
  primaryMetric: PrimaryMetric | null;
  /** What stands for the model where only one line is said of it: production's holder, else the newest; null while there is none. */
  current: CurrentVersion | null;
  pointers: Pointer[];
}

/** What gave a model its name: a person, a rule of plinth.yaml, a tracker, or a guess by its file, its folder or its project. */
export interface NameOrigin {
  by: 'user' | 'policy' | 'tracker' | 'file' | 'folder' | 'project';
  /** The file, folder or project that says it; empty where a person does. */
  from: string;
}

export interface PrimaryMetric {
  name: string;
  /** Which way it is better; null where neither the policy nor the name says. */
  direction: 'higher' | 'lower' | null;
  /** Who chose it: a person for this model, the policy (plinth.yaml), or nobody: then it is derived from the versions. */
  chosenBy: 'person' | 'policy' | 'versions';
}

export interface CurrentVersion {
  number: number;
  framework: string;
  /** Absolute path of the folder that it was found in. */
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
  /** The file that stands for it: base name, or path within the artifact's folder. */
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
  /** Where it was found, and how. */
  source: VersionSource;
  description: string;
  tags: Record<string, string>;
  createdAt: Time;
  actor: string;
  /** The event that registered it. */
  seq: number;
  /** Where it went, `model@number`, when its state is `moved`. */
  movedTo: string | null;
  /** References of merged models that lead to it: `churn-old@3`. Absent where there are none. */
  formerly?: string[];
  /** Until when a deletion can be undone. */
  deletedUntil: Time | null;
}

/** Whether a version's bytes lie elsewhere: Plinth knows their address, and can neither verify nor give them back. */
export function isExternal({ files }: Pick<Version, 'files'>): boolean {
  return files === 0;
}

export interface VersionSource {
  kind: 'watch' | 'hand' | 'move' | 'import' | 'mlflow';
  /** Absolute path of the primary file when it was registered; of an MLflow client's version, the source that it named. */
  path: string;
  /** Folder of the run it came from, where there is one. */
  run: string | null;
  /** When the primary file was last written. */
  writtenAt: Time | null;
  /** Of a version that another registry had before: what it was there, such as `mlflow:churn/7`, and when it was made. */
  imported?: { origin: string; createdAt: Time };
  /** Of a version that an MLflow client registered: what it said. */
  mlflow?: MlflowSource;
}

export interface MlflowSource {
  /** URI as it was given: `runs:/…`, `models:/…`, `s3://…`. */
  source: string;
  /** What the URI meant when the version was made; where the bytes lie that are not owned. */
  location: string;
  /** Empty where it named none. */
  runId: string;
  runLink: string;
  modelId: string;
}

/** One file of a version. */
export interface ManifestFile {
  /** Relative, with `/`; the empty string for the only file of a one-file artifact. */
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

/** A folder that is watched. */
export interface Root {
  path: string;
  state: 'watching' | 'polling' | 'paused' | 'missing' | 'error';
  /** Said when the state is not `watching`. */
  detail: string | null;
  addedAt: Time;
  lastScanAt: Time | null;
  counts: Record<ArtifactState, number>;
  /** Links in it that lead to folders which are not watched. Absent where a service does not tell them. */
  links?: LinkedFolder[];
}

/** A link, which is not followed, and the folder that it leads to. */
export interface LinkedFolder {
  path: string;
  target: string;
}

/** What became of an artifact below a watched root. */
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
  /** Why it is in that state, one sentence. */
  reason: string;
  recogniser: string | null;
  framework: string | null;
  format: string | null;
  size: number;
  /** Id of its run, where there is one. */
  run: string | null;
  /** The model it would get, or got. */
  model: string | null;
  /** The version it became or equals. */
  version: number | null;
  metrics: Record<string, number | string>;
  seenAt: Time;
}

/** The process that a run is, with all that it started. */
export interface RunExecution {
  /** Tells it from every other process: pid and start. */
  id: string;
  /** Arguments, the program first. Secrets are taken out. */
  command: string[];
  /** Absolute path of its working folder. */
  folder: string;
  /** Absolute path; null where the command line names none. */
  script: string | null;
}

/** One training execution that was seen in a watched root. */
export interface Run {
  /** Its folder, with a number behind it where the folder has had runs before: `/work/out//2`. */
  id: string;
  /** Absolute path of its folder. */
  folder: string;
  /** The process that it is; null where none was seen. */
  execution: RunExecution | null;
  status: 'running' | 'finished' | 'failed' | 'killed';
  startedAt: Time;
  /** When anything in it was last written. */
  updatedAt: Time;
  endedAt: Time | null;
  params: Record<string, Json>;
  metrics: Record<string, number | string>;
}
