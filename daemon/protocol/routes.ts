import type {
  Artifact,
  ArtifactState,
  Comment,
  Evidence,
  ManifestFile,
  Model,
  ModelDetail,
  Pointer,
  PointerKind,
  Root,
  Run,
  Version,
} from './model.ts';
import type { ThinEvent, TransitionBody } from './events.ts';
import type { Approval, Deployment, GateResult } from './rules.ts';
import type { RuleRoutes } from './rule-routes.ts';
import type { ModelFacts } from './artifact.ts';
import type { Bisection, BisectRequest } from './bisection.ts';
import type { CompareRow, Comparison } from './comparison.ts';
import type { IdentifyReply } from './identify.ts';
import type { Lineage } from './lineage.ts';
import type { SeriesReply } from './series.ts';
import type { TensorNorms } from './tensors.ts';
import type { LogHead, VerifyReply } from './verify.ts';
import type { TrackedRun } from './tracked-run.ts';

/** Proof of a transition: number and hash of its event, and what it did. */
export interface Receipt {
  /** False when everything was so already. */
  changed: boolean;
  seq: number;
  hash: string;
  at: number;
  actor: string;
  /** Name and e-mail that the actor asserted. */
  asserted?: string;
  model: string;
  kind: PointerKind;
  name: string;
  cause: TransitionBody['cause'];
  from: number | null;
  to: number | null;
  reason: string;
  gates: GateResult[];
  /** One sentence, where the rules name a command to be run after the move. */
  deployment?: string;
  /** Digest of the plinth.yaml on which it was decided; null where none speaks of the model. */
  policy?: string | null;
  /** False where that text was not git's newest. */
  committed?: boolean;
  /** Gates failed, and it was moved all the same. */
  bypassed?: true;
}

export interface UndoReply {
  undone: number;
  seq: number;
  hash: string;
  type: string;
}

/** What a change of one entity answers: the event that made it. */
export interface Changed {
  seq: number;
  hash: string;
}

export interface Status {
  version: string;
  protocol: number;
  pid: number;
  startedAt: number;
  dataFolder: string;
  logId: string;
  seq: number;
  models: number;
  versions: number;
  blobs: { count: number; bytes: number };
  roots: Root[];
  runs: Run[];
  /** Units in work right now, with what is being done. */
  busy: { path: string; doing: string }[];
  memoryBytes: number;
  /** Why nothing can be written; null while all is well. */
  readOnly: string | null;
  /** What somebody should look at, a sentence each. */
  warnings?: string[];
}

export interface VersionDetail {
  version: Version;
  facts: ModelFacts;
  files: ManifestFile[];
  evidence: Evidence[];
  /** Null while it was not looked for yet. */
  lineage: Lineage | null;
  comments: Comment[];
  /** What was asked and said of promoting it, the oldest first. */
  approvals?: Approval[];
  /** What was run after pointers moved to it, the oldest first. */
  deployments?: Deployment[];
}

export interface Registered {
  version: Version;
  /** False when these bytes were a version already. */
  created: boolean;
}

/** Who held a pointer at some time, put there by whom, why and by which event. */
export interface HeldThen {
  kind: PointerKind;
  name: string;
  holder: number | null;
  since: number;
  actor: string;
  reason: string;
  seq: number;
}

export interface WhyReply {
  path: string;
  /** One sentence. */
  reason: string;
  artifact: Artifact | null;
}

/** What an import brought. */
export interface Imported {
  models: number;
  /** Versions that came, and those that were here already. */
  versions: number;
  known: number;
  runs: number;
  /** What did not come, and why; one sentence each. */
  left: string[];
}

/** What people should know of a model before they use it. */
export interface Card {
  /** Markdown with YAML front matter. */
  text: string;
  /** True where nobody wrote one: the text is drawn up from facts. */
  draft: boolean;
  /** Fields that are asked for and not filled in. */
  missing: string[];
  /** Of all fields that are asked for, how many are filled in. */
  filled: number;
  at: number | null;
  actor: string | null;
}

/** A folder's plinth.yaml as it stands, or a proposal for one. */
export interface PolicyReply {
  /** Absolute path of the file, or where it would be. */
  path: string;
  exists: boolean;
  text: string;
  /** Line and column count from 1. */
  problems: { line: number; column: number; message: string }[];
  /** Models that the file speaks of while another decides for them, one sentence each. */
  conflicts?: string[];
}

export interface Page<T> {
  items: T[];
  /** Pass as `cursor` for the next page; null on the last one. */
  next: string | null;
  /** The log's head when the page was read. */
  seq: number;
}

export interface Paged {
  cursor?: string | undefined;
  limit?: number | undefined;
}

export interface OfModel {
  model: string;
}

export interface OfVersion {
  model: string;
  /** A number, `v7`, a stage, an alias or `latest`. */
  version: string;
}

export interface Reasoned {
  reason?: string | undefined;
}

interface PointerChoice extends Reasoned {
  stage?: string | undefined;
  alias?: string | undefined;
  /** The holder that the client saw; null for nobody. A stale one is refused with `conflict`. */
  expect?: number | null | undefined;
}

/** With `bypass`, although gates fail: takes a reason and the right. */
interface Bypassing {
  bypass?: boolean | undefined;
}

interface TensorRequest {
  /** References. */
  baseline: string;
  candidate: string;
  /** Whether to read the data, too; else headers alone. */
  norms?: boolean | undefined;
  /** A name of the client's choosing, for progress and cancel. */
  job?: string | undefined;
}

/** Every route, one line each: method and path to request and reply. The request is path parameters, query and body in one. */
export interface Routes extends RuleRoutes {
  'GET /status': [Record<never, never>, Status];
  'GET /models': [Paged & { query?: string | undefined }, Page<Model>];
  'GET /models/:model': [OfModel, ModelDetail];
  'GET /models/:model/card': [OfModel, Card];
  'POST /models/:model/card': [OfModel & { text: string }, Changed];
  'GET /models/:model/versions': [OfModel & Paged & { all?: boolean | undefined }, Page<Version>];
  'GET /models/:model/versions/:version': [OfVersion, VersionDetail];
  'GET /models/:model/versions/:version/captured': [OfVersion & { path: string }, { path: string; text: string }];
  'GET /models/:model/history': [OfModel & Paged, Page<ThinEvent>];
  'GET /models/:model/holders': [OfModel & { at?: number | undefined }, { pointers: HeldThen[] }];
  'GET /log': [Paged, Page<ThinEvent>];
  'GET /artifacts': [Paged & { state: ArtifactState }, Page<Artifact>];
  'GET /mlflow/runs/:run': [{ run: string }, TrackedRun];
  'GET /runs': [{ status: Run['status'] }, { runs: Run[] }];
  /** Two to twenty references apart by commas, the baseline first; `run:…` (`runReference`) is a run. */
  'GET /compare': [{ versions: string }, Comparison];
  /** One to twenty references; their points are at `GET /series/points`, see `series.ts`. */
  'GET /series': [{ versions: string }, SeriesReply];
  'GET /bisect': [OfModel & BisectRequest, Bisection];
  /** Which version is this file or folder? */
  'GET /identify': [{ path: string }, IdentifyReply];
  /** What a file on disk holds, read from its headers; in bytes, with the reason where it holds no model. */
  'GET /inspect': [{ path: string }, { size: number; facts: ModelFacts | null; problem: string | null }];
  'GET /why': [{ path: string }, WhyReply];
  'GET /policy': [{ path: string }, PolicyReply];
  'GET /roots': [Record<never, never>, { roots: Root[] }];
  'GET /ignored': [Record<never, never>, { patterns: string[] }];
  'POST /models/:model/rename': [OfModel & { name: string }, Changed];
  /** Chooses the metric that stands for the model; null leaves it to the policy or the versions. */
  'POST /models/:model/metric': [OfModel & { metric: string | null }, Changed];
  'POST /models/:model/describe': [OfModel & { description: string }, Changed];
  'POST /models/:model/tag': [OfModel & { key: string; value: string | null }, Changed];
  'POST /models/:model/rollback': [OfModel & PointerChoice & Bypassing & { to?: string | undefined }, Receipt];
  'POST /models/:model/unalias': [OfModel & Reasoned & { alias: string; expect?: number | null | undefined }, Receipt];
  'POST /models/:model/versions/:version/promote': [OfVersion & PointerChoice & Bypassing, Receipt];
  'POST /models/:model/versions/:version/archive': [OfVersion & Reasoned, Receipt];
  'POST /models/:model/versions/:version/restore': [OfVersion & Reasoned, Receipt];
  'POST /models/:model/versions/:version/delete': [OfVersion & Reasoned, Changed & { until: number }];
  'POST /models/:model/versions/:version/describe': [OfVersion & { description: string }, Changed];
  'POST /models/:model/versions/:version/tag': [OfVersion & { key: string; value: string | null }, Changed];
  'POST /models/:model/versions/:version/comment': [OfVersion & { text: string }, Changed];
  'POST /models/:model/versions/:version/move': [OfVersion & { to: string }, Registered];
  'POST /models/:model/versions/:version/attach': [OfVersion & { path: string }, Evidence];
  'POST /models/:model/versions/:version/materialise': [OfVersion, { path: string }];
  'POST /undo': [{ seq: number }, UndoReply];
  'POST /register': [{ path: string; model?: string | undefined; again?: boolean | undefined }, Registered];
  /** From MLflow: the path of an `mlflow.db` or of a folder `mlruns`. */
  'POST /import': [{ path: string; anywhere?: boolean | undefined }, Imported];
  'POST /found/register': [{ root: string }, { registered: number; skipped: number }];
  'POST /roots': [{ path: string }, Root];
  'POST /roots/remove': [{ path: string }, Changed];
  'POST /roots/pause': [{ path: string }, Changed];
  'POST /roots/resume': [{ path: string }, Changed];
  'POST /ignored': [{ pattern: string }, Changed];
  'POST /ignored/remove': [{ pattern: string }, Changed];
  'POST /scan': [{ path?: string | undefined }, { roots: { path: string; files: number; tookMs: number }[] }];
  /** `heads` were kept elsewhere: the log must still hold each of them. */
  'POST /verify': [
    { model?: string | undefined; version?: string | undefined; heads?: LogHead[] | undefined },
    VerifyReply,
  ];
  /** Progress comes on the socket: task `tensors`, subject the job. What was cancelled answers with what it had. */
  'POST /tensors/compare': [TensorRequest, TensorNorms];
  'POST /tensors/cancel': [{ job: string }, { cancelled: boolean }];
  /** The token that MLflow's clients use; it opens nothing but MLflow's routes. */
  'GET /mlflow': [Record<never, never>, { token: string }];
  /** Makes another one; the old token is of no use from then on. */
  'POST /mlflow/renew': [Record<never, never>, { token: string }];
  'POST /backup': [Record<never, never>, { path: string; bytes: number }];
  /** With `unlessInUse`, only where no client but the one that asks is connected. */
  'POST /stop': [{ unlessInUse?: boolean | undefined }, { stopping: boolean }];
}

export type Route = keyof Routes;
export type RequestOf<R extends Route> = Routes[R][0];
export type ReplyOf<R extends Route> = Routes[R][1];
export type { Comparison, CompareRow, Pointer };
