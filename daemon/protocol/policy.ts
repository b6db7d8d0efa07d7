import type { Digest, PointerKind, PointerRef } from './model.ts';

/** Result of one gate. */
export interface GateResult {
  gate: string;
  outcome: 'passed' | 'failed' | 'skipped';
  /** One sentence. */
  detail: string;
  /** Required and actual value; absent for a gate without values. */
  expected?: string;
  actual?: string;
}

/** The plinth.yaml that a decision is based on, in its state on disk. */
export interface PolicyUsed {
  /** Absolute path. */
  path: string;
  digest: Digest;
  /** True if git's newest commit has this text; null outside a repository. */
  committed: boolean | null;
}

/** Result of all gates for one version and pointer. The same for every client, and without a time. */
export interface GateReport {
  model: string;
  number: number;
  kind: PointerKind;
  name: string;
  /** Current version of the pointer, which gates compare with. */
  holder: number | null;
  allowed: boolean;
  /** Null if no plinth.yaml applies to the model. */
  policy: PolicyUsed | null;
  gates: GateResult[];
  /** One sentence for each further plinth.yaml that names the model but does not apply; absent for none. */
  conflicts?: string[];
}

/** Which versions would pass a pointer's gates today, newest first. Gates compare with the present current version. */
export interface GateHistory {
  model: string;
  kind: PointerKind;
  name: string;
  holder: number | null;
  policy: PolicyUsed | null;
  versions: { number: number; allowed: boolean; failed: string[] }[];
}

/** A place in a plinth.yaml; line and column count from 1. */
export interface PolicyPlace {
  line: number;
  column: number;
}

/** A stage or alias whose promotions gates decide, with the gates in the order of a report. */
export interface GatedPointer extends PointerRef {
  holder: number | null;
  place: PolicyPlace;
  gates: { gate: string; place: PolicyPlace }[];
}

/** A model whose policy has gates, or a mistake, because of which nothing can be promoted. */
export interface GatedModel {
  model: string;
  /** Number of the version that would be promoted next: the newest one that is whole and not archived; null for none. */
  next: number | null;
  /** Absolute path of the plinth.yaml, and the digest of its text. */
  policy: { path: string; digest: Digest };
  /** The mistake in the file; null for none. */
  problem: string | null;
  place: PolicyPlace;
  /** Empty if the file has a mistake. */
  pointers: GatedPointer[];
}

/** A version that a retention rule proposes to archive or delete. Nothing happens until a person confirms it. */
export interface LetGo {
  model: string;
  number: number;
  act: 'archive' | 'delete';
  /** One sentence. */
  reason: string;
  /** Bytes. */
  size: number;
}

/** A model that needs attention. */
export interface ReviewedModel {
  model: string;
  owner: string | null;
  /** One sentence each; at least one. */
  reasons: string[];
}

/** Commands in a plinth.yaml, and whether the user trusts them. */
export interface TrustReply {
  path: string;
  /** Digest of its text and of the files that it calls. */
  digest: Digest;
  trusted: boolean;
  commands: string[];
  /** Files that the commands call, relative to its folder. They are trusted together with it, until one changes. */
  files: string[];
}

/** A change of a plinth.yaml about one metric: its direction, or a gate of a stage or alias that it must not get worse. */
export type PolicyEdit = { metric: string } & ({ direction: 'higher' | 'lower' } | { pointer: string });

/** The plinth.yaml of a model with a change that nobody has saved. */
export interface PolicyDraft {
  path: string;
  /** False if the file would be new. */
  exists: boolean;
  text: string;
  /** The first changed line, counted from 1. */
  line: number;
}
