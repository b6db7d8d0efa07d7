import type { HeatMap, TensorHistogram, TensorNumbers } from '../../protocol/tensors.ts';
import type { TensorPlace } from '../../formats/tensors/tensor-places.ts';
import type { Numbers } from './decode.ts';

/** Statistics of numbers that come in parts. All but the counts are of finite numbers. */
export interface Moments {
  finite: number;
  min: number;
  max: number;
  mean: number;
  /** The sum of squared distances from the mean. */
  squares: number;
  zeros: number;
  nan: number;
  positiveInfinite: number;
  negativeInfinite: number;
}

const none: Moments = {
  finite: 0,
  min: Infinity,
  max: -Infinity,
  mean: 0,
  squares: 0,
  zeros: 0,
  nan: 0,
  positiveInfinite: 0,
  negativeInfinite: 0,
};

/** Returns the statistics of one part. The mean comes first, so that squares of distances do not cancel out. */
export function momentsOf(numbers: Numbers): Moments {
  const found = { ...none };
  let sum = 0;
  for (let index = 0; index < numbers.length; index += 1) {
    const value = numbers[index] as number;
    if (value - value !== 0) {
      countOdd(found, value);
      continue;
    }
    sum += value;
    if (value < found.min) found.min = value;
    if (value > found.max) found.max = value;
    if (value === 0) found.zeros += 1;
  }
  found.finite = numbers.length - found.nan - found.positiveInfinite - found.negativeInfinite;
  if (found.finite === 0) return found;
  found.mean = sum / found.finite;
  // The sum of very large numbers is infinite; then nothing is known of their distances.
  found.squares = Number.isFinite(found.mean) ? squaresAround(numbers, found.mean) : Number.NaN;
  return found;
}

function countOdd(found: Moments, value: number): void {
  if (Number.isNaN(value)) found.nan += 1;
  else if (value > 0) found.positiveInfinite += 1;
  else found.negativeInfinite += 1;
}

function squaresAround(numbers: Numbers, mean: number): number {
  let squares = 0;
  for (let index = 0; index < numbers.length; index += 1) {
    const distance = (numbers[index] as number) - mean;
    if (distance - distance === 0) squares += distance * distance;
  }
  return squares;
}

/** Joins the statistics of two parts. Source: Chan, Golub, LeVeque, Updating formulae and a pairwise algorithm. */
export function joinMoments(a: Moments, b: Moments): Moments {
  if (a.finite === 0 || b.finite === 0) return { ...(a.finite === 0 ? b : a), ...oddOf(a, b) };
  const finite = a.finite + b.finite;
  const distance = b.mean - a.mean;
  return {
    finite,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    mean: a.mean + (distance * b.finite) / finite,
    squares: a.squares + b.squares + (distance * distance * a.finite * b.finite) / finite,
    zeros: a.zeros + b.zeros,
    ...oddOf(a, b),
  };
}

function oddOf(a: Moments, b: Moments): Pick<Moments, 'nan' | 'positiveInfinite' | 'negativeInfinite'> {
  return {
    nan: a.nan + b.nan,
    positiveInfinite: a.positiveInfinite + b.positiveInfinite,
    negativeInfinite: a.negativeInfinite + b.negativeInfinite,
  };
}

export const noMoments: Readonly<Moments> = none;

/** Returns the statistics as they are sent. The deviation is of all numbers, as NumPy's `std` is. */
export function numbersOf(moments: Moments): TensorNumbers {
  const { finite, min, max, mean, squares, zeros, nan, positiveInfinite, negativeInfinite } = moments;
  const known = (value: number): number | null => (finite > 0 && Number.isFinite(value) ? value : null);
  const deviation = known(Math.sqrt(squares / finite));
  return {
    min: known(min),
    max: known(max),
    mean: known(mean),
    deviation,
    zeros,
    nan,
    positiveInfinite,
    negativeInfinite,
  };
}

const bins = 64;

/** Returns an empty histogram of finite numbers; null if there are none. Few whole numbers have a bin each. */
export function histogramFor({ finite, min, max }: Moments, isWhole: boolean): TensorHistogram | null {
  if (finite === 0 || !Number.isFinite(max - min)) return null;
  if (isWhole && max - min < bins) return { from: min - 0.5, to: max + 0.5, counts: zeros(max - min + 1) };
  if (min === max) return { from: min, to: max, counts: [0] };
  return { from: min, to: max, counts: zeros(bins) };
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0);
}

/** Adds numbers to a histogram. Those that are not finite are left out. */
export function addTo({ from, to, counts }: TensorHistogram, numbers: Numbers): void {
  const last = counts.length - 1;
  const scale = to > from ? counts.length / (to - from) : 0;
  for (let index = 0; index < numbers.length; index += 1) {
    const value = numbers[index] as number;
    if (value - value !== 0) continue;
    const bin = Math.min(last, Math.max(0, Math.floor((value - from) * scale)));
    counts[bin] = (counts[bin] as number) + 1;
  }
}

/** Elements of the largest heat map, and its longest side. */
const [maxElements, maxSide] = [512 * 512, 4096];
/** The share of numbers that have colours of their own. The few beyond have the strongest one. */
const coloured = 0.995;

/** Returns rows and columns of a tensor as a matrix: its first axis, and all others. Null if it is none, or too large to be drawn. */
export function matrixOf({ shape, layout }: Pick<TensorPlace, 'shape' | 'layout'>): {
  rows: number;
  columns: number;
  at: (row: number, column: number) => number;
} | null {
  const [rows = 0, ...others] = shape;
  const columns = others.reduce((product, size) => product * size, 1);
  const isDrawn = shape.filter((size) => size > 1).length > 1 && rows * columns <= maxElements;
  if (!isDrawn || rows * columns === 0 || Math.max(rows, columns) > maxSide) return null;
  if (layout === '') return { rows, columns, at: (row, column) => row * columns + column };
  if (layout === 'fortran') return { rows, columns, at: (row, column) => column * rows + row };
  const [down = 0, across = 0] = layout.split(',').map(Number);
  return shape.length === 2 ? { rows, columns, at: (row, column) => row * down + column * across } : null;
}

/** Returns the colours of a matrix as levels: 1 to 255 from the lowest to the highest number, 128 for zero, 0 for what is not finite. */
export function heatMapOf(place: Pick<TensorPlace, 'shape' | 'layout'>, numbers: Numbers): HeatMap | null {
  const matrix = matrixOf(place);
  if (!matrix) return null;
  const { rows, columns, at } = matrix;
  const sizes = Float64Array.from(numbers, Math.abs)
    .filter((size) => Number.isFinite(size))
    .toSorted();
  const limit = sizes[Math.floor((sizes.length - 1) * coloured)] || sizes.at(-1) || 0;
  const levels = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1)
      levels[row * columns + column] = levelOf(numbers[at(row, column)] ?? Number.NaN, limit);
  return { rows, columns, limit, levels: Buffer.from(levels).toString('base64') };
}

function levelOf(value: number, limit: number): number {
  if (!Number.isFinite(value)) return 0;
  if (limit === 0) return 128;
  return 128 + Math.round(127 * Math.min(1, Math.max(-1, value / limit)));
}
