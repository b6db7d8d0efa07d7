import type { Problem, PickleReport } from './artifact.ts';
import type { Json } from './json.ts';
import type { Digest, PointerKind, Time, VersionSource } from './model.ts';

/** State of one pointer, with the stages of the versions it touches. */
export interface PointerState {
  holder: number | null;
  previous: number[];
  /** Stage of each version that this transition puts elsewhere, `[number, stage]`. */
  stages: [number, string][];
}

export interface GateResult {
  gate: string;
  outcome: 'passed' | 'failed' | 'skipped';
  detail: string;
}

/** Bodies by event type. Each names its model by the id that never changes and carries one small whole entity. */
export interface EventBodies {
  'model.created/1': { model: string; name: string };
  'model.renamed/1': { model: string; name: string; before: string };
  'model.described/1': { model: string; description: string; before: string };
  'model.tagged/1': { model: string; key: string; value: string | null };
  'version.registered/1': VersionBody;
  'version.evidence/1': EvidenceBody;
  'version.described/1': { model: string; number: number; description: string };
  'version.tagged/1': { model: string; number: number; key: string; value: string | null };
  'version.commented/1': { model: string; number: number; text: string };
  'version.staged/1': {
    model: string;
    number: number;
    stage: string;
    before: string;
    reason: string;
    undoes: number | null;
  };
  'version.moved/1': { model: string; number: number; toModel: string; toNumber: number };
  'version.deleted/1': { model: string; number: number; until: Time; reason: string };
  'version.undeleted/1': { model: string; number: number; undoes: number | null };
  'version.purged/1': { model: string; number: number };
  'version.damaged/1': { model: string; number: number; detail: string };
  'version.healed/1': { model: string; number: number };
  'pointer.moved/1': TransitionBody;
  'root.watched/1': { path: string };
  'root.unwatched/1': { path: string };
  'pattern.ignored/1': { pattern: string };
  'pattern.unignored/1': { pattern: string };
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

export interface EvidenceBody {
  model: string;
  number: number;
  source: string;
  /** Digest of the blob that holds all of it as JSON. */
  digest: Digest;
  /** As many as fit; the blob has all. */
  metrics: Record<string, number | string>;
  params: Record<string, Json>;
}

export interface TransitionBody {
  model: string;
  kind: PointerKind;
  name: string;
  cause: 'promote' | 'rollback' | 'undo' | 'alias' | 'unalias' | 'left';
  reason: string;
  before: PointerState;
  after: PointerState;
  gates: GateResult[];
  /** Evidence digests and policy digest on which it was decided. */
  evidence: Digest[];
  policy: Digest | null;
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
  /** The body, or what of it fits. */
  body: Record<string, Json>;
  /** SHA-256 of the chain up to this event, hex: with `seq`, a receipt. */
  hash: string;
}
