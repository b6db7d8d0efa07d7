import type { Comparison } from './comparison.ts';

/** One version between a good and a bad one. */
export interface BisectStep {
  /** `churn@7` */
  reference: string;
  /** Value of the metric; null if the version has none, or no number. */
  value: number | null;
  /** `unknown` if there is no value, or it cannot be compared with the good one's. */
  outcome: 'good' | 'lost' | 'unknown';
}

/** The version that first lost a metric, and its changes. */
export interface Bisection {
  metric: string;
  direction: 'higher' | 'lower';
  /** Loss that still counts as good: absolute, in the metric's unit. */
  tolerance: number;
  /** Oldest first: from the good version to the bad one. */
  steps: BisectStep[];
  /** The version from which on the metric stayed lost; null if the bad one is no worse. */
  first: string | null;
  /** The last good version before `first`. */
  before: string | null;
  /** Versions that had lost it while later ones had it again. */
  recovered: string[];
  /** `before` compared with `first`; null if nothing was lost. */
  comparison: Comparison | null;
  /** One sentence. */
  sentence: string;
}

export interface BisectRequest {
  metric: string;
  good?: string | undefined;
  bad?: string | undefined;
  /** Relative to the good value; 0.01 by default. */
  tolerance?: number | undefined;
}
