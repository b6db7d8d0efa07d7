import type { Problem, PickleReport } from './artifact.ts';
import type { LineageSummary } from './lineage.ts';
import type { EvidenceOrigin } from './evidence.ts';
import type { Json } from './json.ts';
import type { Digest, ManifestFile, NameOrigin, PointerKind, Time, VersionSource } from './model.ts';
import type { GateResult } from './policy.ts';
import type { Role } from './token.ts';

/** State of one pointer, with the stages of the versions that change with it. */
export interface PointerState {
  holder: number | null;
  previous: number[];
  /** New stage of each version that the transition moves, `[number, stage]`. */
  stages: [number, string][];
}

/** Bodies by event type. Each names its model by an id that never changes, and carries one small complete entity. */
export interface EventBodies {
  /** `named` is absent if the name's origin is unknown, as in events of earlier programs. */
  'model.created/1': { model: string; name: string; named?: NameOrigin };
  'model.renamed/1': { model: string; name: string; before: string };
  /** Deletes a model and its versions and frees its name. Its id and history stay. */
  'model.deleted/1': { model: string; name: string; until: Time; reason: string };
  /** Follows the events that made its versions those of another model. Afterwards the model consists only of its numbers. */
  'model.merged/1': MergeBody & { reason: string };
  'model.unmerged/1': MergeBody & { undoes: number };
  'model.undeleted/1': { model: string; name: string; until: Time; undoes: number | null };
  /** Pins metrics in this order; the first is the primary one. None leaves its choice to the policy or the versions. */
  'model.metrics/1': { model: string; metrics: string[]; before: string[] };
  'model.described/1': { model: string; description: string; before: string };
  /** The blob with the card's Markdown. */
  'model.card/1': { model: string; digest: Digest };
  'model.tagged/1': { model: string; key: string; value: string | null };
  'version.registered/1': VersionBody;
  /** Adds the files that its run saved after registration: the same version with another digest. */
  'version.completed/1': CompletionBody;
  'version.evidence/1': EvidenceBody;
  /** Withdraws the evidence of a source. */
  'version.evidence-detached/1': { model: string; number: number; source: string; reason: string };
  'version.evidence-restored/1': { model: string; number: number; source: string; undoes: number };
  /** Origin of evidence by an earlier program, which is identified by its event. */
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
    /** Present if the stage has gates. */
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
  /** Binds a model to the plinth.yaml that applies to it. */
  'model.policy/1': { model: string; path: string; digest: Digest };
  'approval.asked/1': ApprovalBody & { reason: string };
  'approval.given/1': ApprovalBody & { decision: 'approved' | 'rejected'; role: Role; comment: string };
  /** `hash` is the SHA-256 of the token, hex. The token itself is returned once and stored nowhere. */
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
  'webhook.added/1': WebhookBody;
  'webhook.changed/1': WebhookBody;
  'webhook.removed/1': Pick<WebhookBody, 'id' | 'origin'>;
  /** Trusts the commands of this text of a plinth.yaml. `files`: the files that they call, relative to its folder; absent for none. */
  'file.trusted/1': { path: string; digest: Digest; files?: Record<string, Digest> };
  'file.untrusted/1': { path: string };
  /** The local user's name and e-mail in git's configuration, which nobody has verified. */
  'person.asserted/1': { person: string; name: string; email: string };
  /** The command in plinth.yaml was started after a pointer moved to the version. */
  'deployment.started/1': DeploymentBody & { run: string; policy: Digest };
  'deployment.finished/1': DeploymentBody & DeploymentResult;
  'root.watched/1': { path: string };
  'root.unwatched/1': { path: string };
  'root.paused/1': { path: string };
  'root.resumed/1': { path: string };
  'pattern.ignored/1': { pattern: string };
  'pattern.unignored/1': { pattern: string };
}

/** A webhook after a change, without what may hold a secret: path, template and key. */
export interface WebhookBody {
  id: string;
  /** Scheme, host and port of its address. */
  origin: string;
  on: string[];
  models: string[];
  template: string;
  allowPrivate: boolean;
  hasAuthority: boolean;
}

export interface MergeBody {
  model: string;
  name: string;
  into: string;
  /** The other model's name at that time. */
  intoName: string;
  /** Each number with the version's number in the other model. */
  versions: [from: number, to: number][];
  /** Its stages and aliases before the merge. */
  pointers: { kind: PointerKind; name: string; holder: number | null }[];
  /** Earlier names of the model. */
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
  /** Digest of the blob with the complete ModelFacts as JSON. */
  facts: Digest;
  source: VersionSource;
  /** Stage and tags of a version that was moved here. */
  stage: string;
}

/** The part of a version's body that further files change; `source` and `stage` stay. */
export interface CompletionBody extends Omit<VersionBody, 'source' | 'stage'> {
  /** Digest of the version's earlier manifest. */
  before: Digest;
  /** As many files as fit; the manifest has all. */
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
  /** Number of the event that moved the pointer. */
  moved: number;
}

export interface DeploymentResult {
  /** Null if it was stopped or never started. */
  exit: number | null;
  /** One sentence if it did not exit with 0. */
  problem: string | null;
  /** Last line of its output. */
  said: string;
  /** Blob with its output; null if unknown. */
  output: Digest | null;
}

export interface EvidenceBody {
  model: string;
  number: number;
  source: string;
  /** Digest of the blob with all of it as JSON. */
  digest: Digest;
  /** As many as fit; the blob has all. */
  metrics: Record<string, number | string>;
  params: Record<string, Json>;
  /** Problems that the reader found, one sentence each. They replace those of this source. Absent: those stay. */
  problems?: string[];
  /** Absent in events of earlier programs. */
  origin?: EvidenceOrigin;
}

export interface LineageBody {
  model: string;
  number: number;
  /** Digest of the blob with the complete Lineage as JSON. */
  digest: Digest;
  /** Every blob that the lineage refers to. */
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
  /** Digests of the evidence and the policy that the decision is based on. */
  evidence: Digest[];
  policy: Digest | null;
  /** True if git's newest commit has the policy's text; absent if unknown. */
  committed?: boolean;
  /** Gates failed and a person with the right bypassed them, with a reason. */
  bypassed?: true;
  /** Number of the event that this one undoes. */
  undoes: number | null;
}

export type EventType = keyof EventBodies;

/** An event about to be committed. */
export type NewEvent = { [T in EventType]: { type: T; body: EventBodies[T] } }[EventType];

/** A committed event. */
export type RegistryEvent = NewEvent & { seq: number; at: Time; clock: Time; actor: string };

/** An event as it is sent: ids and a summary, at most 4 KiB. */
export interface ThinEvent {
  seq: number;
  at: Time;
  actor: string;
  type: EventType;
  /** Current name of the model; null for an event without a model. */
  model: string | null;
  number: number | null;
  /** Name and e-mail that the actor asserted at that time, as `Ana <ana@example.org>`. Nobody has verified them. */
  asserted?: string;
  /** The body, or the part of it that fits. */
  body: Record<string, Json>;
  /** SHA-256 of the chain up to this event, hex. With `seq` it is a receipt. */
  hash: string;
}
