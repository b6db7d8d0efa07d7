import type { Digest, Time } from './model.ts';
import type { Json } from './json.ts';

/**
 * Rule by which evidence belongs to its version: it is inside the artifact (`inside`), the same run wrote it (`same-run`), it
 * lies near the artifact and is of its time (`beside`), it was measured on the artifact later (`evaluated`), it lies near the
 * artifact and no writer was seen (`by-place`), or a person named the version (`given`). Evidence that is `not-used` is shown and
 * never counts.
 */
export type EvidenceRule = 'inside' | 'same-run' | 'beside' | 'evaluated' | 'by-place' | 'given' | 'not-used';

/** Origin of evidence. Evidence of earlier programs has none. */
export interface EvidenceOrigin {
  rule: EvidenceRule;
  /** One sentence, without a full stop. */
  reason: string;
  /** Time of the last write to its file. */
  writtenAt?: Time;
  /** The process that wrote it, if it was seen. */
  process?: { command: string; script: string | null; startedAt: Time | null };
  /** True if its metrics are values of series at one step. A value inside the artifact overrides them. */
  isSeries?: true;
}

/** Metrics and params about a version, from one source. */
export interface Evidence {
  seq: number;
  at: Time;
  actor: string;
  /** Base name or relative path of its file, or `artifact` for the model file itself. */
  source: string;
  digest: Digest;
  metrics: Record<string, number | string>;
  params: Record<string, Json>;
  /** Absent if unknown. */
  origin?: EvidenceOrigin;
  /** True if a person has withdrawn it. */
  isDetached?: true;
}
