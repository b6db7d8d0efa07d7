import type { TensorChange } from './comparison.ts';

/** Change of one tensor. Norms are Euclidean, over all elements. */
export interface TensorNorm {
  name: string;
  layer: string;
  /** `f32 [768, 768]`, of baseline and candidate; null if it does not exist there. */
  before: string | null;
  after: string | null;
  /** Null if type and shape are the same. */
  change: TensorChange | null;
  elements: number;
  /** ‖b − a‖; null if not measured. */
  norm: number | null;
  /** ‖a‖; null if not measured. */
  base: number | null;
  /** ‖b − a‖ ÷ ‖a‖; null if not measured, or if a is all zero and b is not. */
  relative: number | null;
  /** Elements that are NaN or infinite on either side, which the norms leave out. */
  nonFinite: number;
  /** One sentence on why it was not measured; null if it was. */
  why: string | null;
}

/** All measured tensors of one layer. */
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
  /** Tensors that differ, the largest change first, then those not measured; at most 10,000. */
  tensors: TensorNorm[];
  /** Number of tensors with the same type and shape on both sides. */
  alike: number;
  /** Number of these with the same bytes; null if data was not read. */
  same: number | null;
  /** In the model's order of names; empty if data was not read. */
  layers: LayerNorm[];
  /** Bytes of tensor data that were read. */
  bytes: number;
  tookMs: number;
  cancelled: boolean;
  /** One sentence for each part that could not be read. */
  missing: string[];
}
