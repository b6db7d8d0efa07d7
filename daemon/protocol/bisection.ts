import type { Comparison } from './comparison.ts';

/** One version on the way from a good to a bad one. */
export interface BisectStep {
  /** `churn@7` */
  reference: string;
  /** Null where it does not have the metric, or no number for it. */
  value: number | null;
  /** `unknown` where there is no value, or one that may not be weighed against the good one's. */
  outcome: 'good' | 'lost' | 'unknown';
}

/** Which version first lost a metric, and what it changed. */
export interface Bisection {
  metric: string;
  direction: 'higher' | 'lower';
  /** How much worse than the good value is still good: absolute, in the metric's unit. */
  tolerance: number;
  /** Oldest first, the good one first and the bad one last. */
  steps: BisectStep[];
  /** The version from which on it stayed lost; null where the bad one is no worse. */
  first: string | null;
  /** The last one before that which had it. */
  before: string | null;
  /** Versions that lost it earlier, but later ones had it again. */
  recovered: string[];
  /** `before` against `first`; null where nothing was lost. */
  comparison: Comparison | null;
  /** One sentence. */
  sentence: string;
}

export interface BisectRequest {
  metric: string;
  good?: string | undefined;
  bad?: string | undefined;
  /** Relative to the good value; 0.01 where it is not said. */
  tolerance?: number | undefined;
}
