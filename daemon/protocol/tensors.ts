import type { TensorChange } from './comparison.ts';

/** How one tensor changed. Norms are Euclidean, over all of its elements. */
export interface TensorNorm {
  name: string;
  layer: string;
  /** `f32 [768, 768]`, of baseline and candidate; null where it is not there. */
  before: string | null;
  after: string | null;
  /** Null where type and shape are the same. */
  change: TensorChange | null;
  elements: number;
  /** ‖b − a‖; null where it was not measured. */
  norm: number | null;
  /** ‖a‖; null where it was not measured. */
  base: number | null;
  /** ‖b − a‖ ÷ ‖a‖; null where it was not measured, or a is all zero and b is not. */
  relative: number | null;
  /** Elements that are NaN or infinite on either side: they are left out of the norms. */
  nonFinite: number;
  /** Why it was not measured, one sentence; null where it was. */
  why: string | null;
}

/** All measured tensors of one layer together. */
export interface LayerNorm {
  layer: string;
  tensors: number;
  elements: number;
  norm: number;
  base: number;
  relative: number | null;
}

export interface TensorNorms {
  /** References. */
  baseline: string;
  candidate: string;
  /** Those that are not the same, the largest change first, then those that were not measured; at most 10,000. */
  tensors: TensorNorm[];
  /** How many tensors both sides have in the same type and shape. */
  alike: number;
  /** Of these, how many hold the same bytes; null where data was not read. */
  same: number | null;
  /** By name order of the model; empty where data was not read. */
  layers: LayerNorm[];
  /** Bytes of tensor data that were read. */
  bytes: number;
  tookMs: number;
  cancelled: boolean;
  /** What could not be read, and why; one sentence each. */
  missing: string[];
}
