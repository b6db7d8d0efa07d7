import type { Digest, Time } from './model.ts';
import type { Json } from './json.ts';

/**
 * Why evidence is of its version: it lies inside the artifact (`inside`), the same run wrote it (`same-run`), it lies beside the
 * artifact and is of its time (`beside`), it was measured on the artifact afterwards (`evaluated`), it lies beside it and nobody
 * was seen writing (`by-place`), or somebody named the version (`given`). What is `not-used` is shown and never counts.
 */
export type EvidenceRule = 'inside' | 'same-run' | 'beside' | 'evaluated' | 'by-place' | 'given' | 'not-used';

/** Where evidence comes from. Evidence of earlier programs has none: it is of unknown origin. */
export interface EvidenceOrigin {
  rule: EvidenceRule;
  /** One sentence, without a full stop. */
  reason: string;
  /** When the file that says it was last written. */
  writtenAt?: Time;
  /** The process that wrote it, where it was seen. */
  process?: { command: string; script: string | null; startedAt: Time | null };
  /** Its metrics are the values of series at one step: a value that the artifact holds itself comes before them. */
  isSeries?: true;
}

/** Something said about a version after, or when, it was registered. */
export interface Evidence {
  seq: number;
  at: Time;
  actor: string;
  /** Base name or relative path of the file that says it, or `artifact` for the model file itself. */
  source: string;
  digest: Digest;
  metrics: Record<string, number | string>;
  params: Record<string, Json>;
  /** Absent: unknown. */
  origin?: EvidenceOrigin;
  /** Somebody has withdrawn it. */
  isDetached?: true;
}
