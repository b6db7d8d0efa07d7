import type {
  Artifact,
  ArtifactState,
  Comment,
  Evidence,
  ManifestFile,
  Model,
  Pointer,
  PointerKind,
  Root,
  Run,
  Version,
} from './model.ts';
import type { GateResult, ThinEvent, TransitionBody } from './events.ts';
import type { ModelFacts } from './artifact.ts';
import type { Json } from './json.ts';

/** Proof of a transition: number and hash of its event, and what it did. */
export interface Receipt {
  /** False when everything was so already. */
  changed: boolean;
  seq: number;
  hash: string;
  at: number;
  actor: string;
  model: string;
  kind: PointerKind;
  name: string;
  cause: TransitionBody['cause'];
  from: number | null;
  to: number | null;
  reason: string;
  gates: GateResult[];
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
}

export interface VersionDetail {
  version: Version;
  facts: ModelFacts;
  files: ManifestFile[];
  evidence: Evidence[];
  comments: Comment[];
}

/** One file that a version lost, and how. */
export interface VerifyFault {
  subject: string;
  detail: string;
}

export interface VerifyReply {
  ok: boolean;
  events: number;
  head: string;
  versions: number;
  blobs: number;
  bytes: number;
  faults: VerifyFault[];
}

export interface Registered {
  version: Version;
  /** False when these bytes were a version already. */
  created: boolean;
}

/** Values of one metric or parameter over the compared versions, in their order; null where a version has none. */
export interface CompareRow {
  name: string;
  values: (Json | null)[];
  /** Candidate minus baseline, for numbers; index 0 is the baseline's and always null. */
  deltas: (number | null)[];
  /** Whether each candidate's value is better than the baseline's; null where that is not known. */
  better: (boolean | null)[];
  direction: 'higher' | 'lower' | null;
  differs: boolean;
}

export interface Comparison {
  /** `model@number`, the baseline first. */
  versions: string[];
  facts: CompareRow[];
  metrics: CompareRow[];
  params: CompareRow[];
  files: CompareRow[];
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

export interface Page<T> {
  items: T[];
  /** Pass as `cursor` for the next page; null on the last one. */
  next: string | null;
  /** The log's head when the page was read. */
  seq: number;
}

interface Paged {
  cursor?: string | undefined;
  limit?: number | undefined;
}

interface OfModel {
  model: string;
}

interface OfVersion {
  model: string;
  /** A number, `v7`, a stage, an alias or `latest`. */
  version: string;
}

interface Reasoned {
  reason?: string | undefined;
}

interface PointerChoice extends Reasoned {
  stage?: string | undefined;
  alias?: string | undefined;
  /** The holder that the client saw; null for nobody. A stale one is refused with `conflict`. */
  expect?: number | null | undefined;
}

/** Every route, one line each: method and path to request and reply. The request is path parameters, query and body in one. */
export interface Routes {
  'GET /status': [Record<never, never>, Status];
  'GET /models': [Paged & { query?: string | undefined }, Page<Model>];
  'GET /models/:model': [OfModel, Model];
  'GET /models/:model/versions': [OfModel & Paged & { all?: boolean | undefined }, Page<Version>];
  'GET /models/:model/versions/:version': [OfVersion, VersionDetail];
  'GET /models/:model/history': [OfModel & Paged, Page<ThinEvent>];
  'GET /models/:model/holders': [OfModel & { at?: number | undefined }, { pointers: HeldThen[] }];
  'GET /log': [Paged, Page<ThinEvent>];
  'GET /artifacts': [Paged & { state: ArtifactState }, Page<Artifact>];
  'GET /runs': [{ status: Run['status'] }, { runs: Run[] }];
  'GET /compare': [{ versions: string }, Comparison];
  'GET /why': [{ path: string }, WhyReply];
  'GET /roots': [Record<never, never>, { roots: Root[] }];
  'GET /ignored': [Record<never, never>, { patterns: string[] }];
  'POST /models/:model/rename': [OfModel & { name: string }, Changed];
  'POST /models/:model/describe': [OfModel & { description: string }, Changed];
  'POST /models/:model/tag': [OfModel & { key: string; value: string | null }, Changed];
  'POST /models/:model/rollback': [OfModel & PointerChoice & { to?: string | undefined }, Receipt];
  'POST /models/:model/unalias': [OfModel & Reasoned & { alias: string; expect?: number | null | undefined }, Receipt];
  'POST /models/:model/versions/:version/promote': [OfVersion & PointerChoice, Receipt];
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
  'POST /found/register': [{ root: string }, { registered: number; skipped: number }];
  'POST /roots': [{ path: string }, Root];
  'POST /roots/remove': [{ path: string }, Changed];
  'POST /ignored': [{ pattern: string }, Changed];
  'POST /ignored/remove': [{ pattern: string }, Changed];
  'POST /scan': [{ path?: string | undefined }, { roots: { path: string; files: number; tookMs: number }[] }];
  'POST /verify': [{ model?: string | undefined; version?: string | undefined }, VerifyReply];
  'POST /backup': [Record<never, never>, { path: string; bytes: number }];
  'POST /stop': [Record<never, never>, { stopping: true }];
}

export type Route = keyof Routes;
export type RequestOf<R extends Route> = Routes[R][0];
export type ReplyOf<R extends Route> = Routes[R][1];
export type { Pointer };
