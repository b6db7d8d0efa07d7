import type { Digest, PointerKind } from './model.ts';

/** What a gate found. */
export interface GateResult {
  gate: string;
  outcome: 'passed' | 'failed' | 'skipped';
  /** One sentence. */
  detail: string;
  /** What the rule asks for, and what is so; absent where a gate has no such value. */
  expected?: string;
  actual?: string;
}

/** The plinth.yaml on which something is decided, as it stood on disk. */
export interface PolicyUsed {
  /** Absolute path. */
  path: string;
  digest: Digest;
  /** Whether git's newest commit has this text; null outside a repository. */
  committed: boolean | null;
}

/** Whether a version may be put on a pointer, and why. The same from every door, and without a time in it. */
export interface GateReport {
  model: string;
  number: number;
  kind: PointerKind;
  name: string;
  /** Who holds the pointer: what the version is weighed against. */
  holder: number | null;
  allowed: boolean;
  /** Null where no plinth.yaml speaks of the model. */
  policy: PolicyUsed | null;
  gates: GateResult[];
  /** One sentence for each further plinth.yaml that speaks of the model and does not decide; absent where there is none. */
  conflicts?: string[];
}

/** Which versions a pointer's gates would let through today, the newest first, each weighed against today's holder. */
export interface GateHistory {
  model: string;
  kind: PointerKind;
  name: string;
  holder: number | null;
  policy: PolicyUsed | null;
  versions: { number: number; allowed: boolean; failed: string[] }[];
}

/** A version that a retention rule lets go of; nothing happens to it until a person says so. */
export interface LetGo {
  model: string;
  number: number;
  act: 'archive' | 'delete';
  /** One sentence. */
  reason: string;
  /** Bytes. */
  size: number;
}

/** A model and what it lacks. */
export interface ReviewedModel {
  model: string;
  owner: string | null;
  /** One sentence each; never empty. */
  reasons: string[];
}

/** What a plinth.yaml would run, and whether a person lets it. */
export interface TrustReply {
  path: string;
  /** Of its text and of the files that it calls. */
  digest: Digest;
  trusted: boolean;
  commands: string[];
  /** What the commands call below its folder, relative to it: trusted with it, and asked about again when it changes. */
  files: string[];
}
