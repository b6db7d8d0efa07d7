import type { Problem, PickleReport } from './artifact.ts';
import type { LineageSummary } from './lineage.ts';
import type { EvidenceOrigin } from './evidence.ts';
import type { Json } from './json.ts';
import type { Digest, ManifestFile, NameOrigin, PointerKind, Time, VersionSource } from './model.ts';
import type { GateResult } from './policy.ts';
import type { Role } from './token.ts';

/** State of one pointer, with the stages of the versions it touches. */
export interface PointerState {
  holder: number | null;
  previous: number[];
  /** Stage of each version that this transition puts elsewhere, `[number, stage]`. */
  stages: [number, string][];
}

/** Bodies by event type. Each names its model by the id that never changes and carries one small whole entity. */
export interface EventBodies {
  /** Without `named` it is not known what the name is from, as in events of earlier programs. */
  'model.created/1': { model: string; name: string; named?: NameOrigin };
  'model.renamed/1': { model: string; name: string; before: string };
  /** Takes a model and its versions away and frees its name; its id and its history stay. */
  'model.deleted/1': { model: string; name: string; until: Time; reason: string };
  /** Comes after the events by which its versions became those of another model: the model itself is no more than its numbers. */
  'model.merged/1': MergeBody & { reason: string };
  'model.unmerged/1': MergeBody & { undoes: number };
  'model.undeleted/1': { model: string; name: string; until: Time; undoes: number | null };
  /** The metric that stands for the model; null leaves the choice to the policy or the versions. */
  'model.metric/1': { model: string; metric: string | null; before: string | null };
  'model.described/1': { model: string; description: string; before: string };
  /** The blob holds the card's Markdown. */
  'model.card/1': { model: string; digest: Digest };
  'model.tagged/1': { model: string; key: string; value: string | null };
  'version.registered/1': VersionBody;
  /** Adds the files that its run saved after it was registered: the same version, under another digest. */
  'version.completed/1': CompletionBody;
  'version.evidence/1': EvidenceBody;
  /** Withdraws what a source said of the version so far. */
  'version.evidence-detached/1': { model: string; number: number; source: string; reason: string };
  'version.evidence-restored/1': { model: string; number: number; source: string; undoes: number };
  /** Why evidence of an earlier program, named by its event, is of the version. */
  'version.evidence-judged/1': { model: string; number: number; judged: { seq: number; origin: EvidenceOrigin }[] };
  'version.lineage/1': LineageBody;
  'version.described/1': { model: string; number: number; description: string };
  'version.tagged/1': { model: string; number: number; key: string; value: string | null };
  'version.commented/1': { model: string; number: number; text: string };
  'version.staged/1': {
    model: string;
    number: number;
    stage: string;
    before: string;
    reason: string;
    /** Where the stage has gates. */
    gates?: GateResult[];
    policy?: Digest | null;
    undoes: number | null;
  };
  'version.moved/1': { model: string; number: number; toModel: string; toNumber: number };
  'version.deleted/1': { model: string; number: number; until: Time; reason: string };
  'version.undeleted/1': { model: string; number: number; undoes: number | null };
  'version.purged/1': { model: string; number: number };
  'version.damaged/1': { model: string; number: number; detail: string };
  'version.healed/1': { model: string; number: number };
  'pointer.moved/1': TransitionBody;
  /** Binds a model to the plinth.yaml that decides for it. */
  'model.policy/1': { model: string; path: string; digest: Digest };
  'approval.asked/1': ApprovalBody & { reason: string };
  'approval.given/1': ApprovalBody & { decision: 'approved' | 'rejected'; role: Role; comment: string };
  /** `hash` is the SHA-256 of the token, hex; the token itself is told once and kept nowhere. */
  'token.made/1': {
    id: string;
    owner: string;
    role: Role;
    models: string[];
    pointers: string[];
    hash: string;
    until: Time | null;
  };
  'token.revoked/1': { id: string };
  /** What this text of a plinth.yaml would run may run. */
  /** `files` are those that its commands call, relative to its folder; absent where there are none. */
  'file.trusted/1': { path: string; digest: Digest; files?: Record<string, Digest> };
  'file.untrusted/1': { path: string };
  /** What git calls the local user; nobody has checked it. */
  'person.asserted/1': { person: string; name: string; email: string };
  /** A pointer moved to the version, and the command that its plinth.yaml names for that is run. */
  'deployment.started/1': DeploymentBody & { run: string; policy: Digest };
  'deployment.finished/1': DeploymentBody & DeploymentResult;
  'root.watched/1': { path: string };
  'root.unwatched/1': { path: string };
  'root.paused/1': { path: string };
  'root.resumed/1': { path: string };
  'pattern.ignored/1': { pattern: string };
  'pattern.unignored/1': { pattern: string };
}

export interface MergeBody {
  model: string;
  name: string;
  into: string;
  /** What the other model was called. */
  intoName: string;
  /** Each number with the one that the version has in the other model. */
  versions: [from: number, to: number][];
  /** Its stages and aliases, as they were. */
  pointers: { kind: PointerKind; name: string; holder: number | null }[];
  /** Names that it had before. */
  formerNames: string[];
}

export interface VersionBody {
  model: string;
  number: number;
  digest: Digest;
  primary: string;
  wholeFolder: boolean;
  files: number;
  size: number;
  framework: string;
  frameworkVersion: string | null;
  format: string;
  modelClass: string | null;
  parameterCount: number | null;
  pickle: PickleReport['verdict'] | null;
  problems: Problem[];
  /** Digest of the blob that holds the whole ModelFacts as JSON. */
  facts: Digest;
  source: VersionSource;
  /** Stage and tags that a moved version brings along. */
  stage: string;
}

/** What of a version's body another set of files changes; `source` and `stage` stay. */
export interface CompletionBody extends Omit<VersionBody, 'source' | 'stage'> {
  /** Digest of the version's manifest until then. */
  before: Digest;
  /** As many as fit; the manifest has all. */
  added: ManifestFile[];
}

export interface ApprovalBody {
  model: string;
  number: number;
  kind: PointerKind;
  name: string;
  person: string;
  until: Time;
}

export interface DeploymentBody {
  model: string;
  number: number;
  kind: PointerKind;
  name: string;
  /** The event that moved the pointer. */
  moved: number;
}

export interface DeploymentResult {
  /** Null where it was ended, or never began. */
  exit: number | null;
  /** One sentence where it did not end by itself with 0. */
  problem: string | null;
  /** The last line that it printed. */
  said: string;
  /** Blob of what it printed; null where nothing is known. */
  output: Digest | null;
}

export interface EvidenceBody {
  model: string;
  number: number;
  source: string;
  /** Digest of the blob that holds all of it as JSON. */
  digest: Digest;
  /** As many as fit; the blob has all. */
  metrics: Record<string, number | string>;
  params: Record<string, Json>;
  /** What its reader met, a sentence each: the version's problems of this source. Absent: they stay as they are. */
  problems?: string[];
  /** Absent in events of earlier programs. */
  origin?: EvidenceOrigin;
}

export interface LineageBody {
  model: string;
  number: number;
  /** Digest of the blob that holds the whole Lineage as JSON. */
  digest: Digest;
  /** Every blob that the lineage names. */
  blobs: Digest[];
  summary: LineageSummary;
}

export interface TransitionBody {
  model: string;
  kind: PointerKind;
  name: string;
  cause: 'promote' | 'rollback' | 'undo' | 'alias' | 'unalias' | 'left' | 'vacate';
  reason: string;
  before: PointerState;
  after: PointerState;
  gates: GateResult[];
  /** Evidence digests and policy digest on which it was decided. */
  evidence: Digest[];
  policy: Digest | null;
  /** Whether the policy's text was git's newest; absent where that is not known. */
  committed?: boolean;
  /** Gates failed and somebody with the right moved it all the same; the reason says why. */
  bypassed?: true;
  /** The event that this one takes back. */
  undoes: number | null;
}

export type EventType = keyof EventBodies;

/** An event about to be committed. */
export type NewEvent = { [T in EventType]: { type: T; body: EventBodies[T] } }[EventType];

/** A committed event. */
export type RegistryEvent = NewEvent & { seq: number; at: Time; clock: Time; actor: string };

/** The event as it travels: ids and a summary, at most 4 KiB. */
export interface ThinEvent {
  seq: number;
  at: Time;
  actor: string;
  type: EventType;
  /** Current name of the model it is about, where it is about one. */
  model: string | null;
  number: number | null;
  /** Name and e-mail that whoever did it asserted then, as `Ana <ana@example.org>`; nobody has checked them. */
  asserted?: string;
  /** The body, or what of it fits. */
  body: Record<string, Json>;
  /** SHA-256 of the chain up to this event, hex: with `seq`, a receipt. */
  hash: string;
}
