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
  /** References. The candidate may be the path of a file. */
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

/** Statistics of a tensor's finite numbers; null if there are none, or if they cannot be represented. */
export interface TensorNumbers {
  min: number | null;
  max: number | null;
  mean: number | null;
  /** The standard deviation of all numbers, as NumPy's `std`. */
  deviation: number | null;
  zeros: number;
  nan: number;
  positiveInfinite: number;
  negativeInfinite: number;
}

/** Bins of equal width. Whole numbers with few values have a bin each, with the number in its middle. */
export interface TensorHistogram {
  from: number;
  to: number;
  counts: number[];
}

/** A tensor as a matrix of colours: its first axis down, all others across. */
export interface HeatMap {
  rows: number;
  columns: number;
  /** The size of the numbers that have the strongest colours. Few are larger. */
  limit: number;
  /** A byte for each element, row by row, in base64: 1 to 255 from −limit to limit, 128 for zero, 0 for what is not finite. */
  levels: string;
}

/** What the numbers of one tensor are. */
export interface TensorStatistics {
  name: string;
  shape: number[];
  /** The format's name for it; empty if the tensor was not found. */
  dtype: string;
  /** One sentence on why its numbers were not read; null if they were. */
  why: string | null;
  /** Null if they were not read. */
  numbers: TensorNumbers | null;
  /** Null if no number is finite. */
  histogram: TensorHistogram | null;
  /** Null if it is no matrix, or has more than 512 × 512 elements. */
  heatMap: HeatMap | null;
  /** Bytes of its data. */
  bytes: number;
  tookMs: number;
  /** True if it was stopped; then nothing is known. */
  cancelled: boolean;
}
