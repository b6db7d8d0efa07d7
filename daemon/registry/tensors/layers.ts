import type { LayerNorm, TensorNorm } from '../../protocol/tensors.ts';
import type { Sums } from './decode.ts';

/**
 * Returns the layer of a tensor by its name: up to its first number (`encoder.layer.3`, `blk.0`, `layers/2`), else all but its
 * last part (`embeddings.word_embeddings`), else the whole name.
 */
export function layerOf(name: string): string {
  const numbered = /^(?:.*?[./])?\d+(?=[./])/.exec(name)?.[0];
  if (numbered !== undefined) return numbered;
  const end = Math.max(name.lastIndexOf('.'), name.lastIndexOf('/'));
  return end > 0 ? name.slice(0, end) : name;
}

/** Returns ‖b − a‖ ÷ ‖a‖ from sums of squares; null if a is all zero and b is not. */
export function relativeOf({ change, base }: Pick<Sums, 'change' | 'base'>): number | null {
  if (change === 0) return 0;
  return base === 0 ? null : Math.sqrt(change / base);
}

/** Groups measured tensors by layer, in the order in which the layers first occur. */
export function layersOf(tensors: readonly TensorNorm[]): LayerNorm[] {
  const layers = new Map<string, { tensors: number; elements: number; change: number; base: number }>();
  for (const { layer, elements, norm, base } of tensors) {
    if (norm === null || base === null) continue;
    const sums = layers.get(layer) ?? { tensors: 0, elements: 0, change: 0, base: 0 };
    sums.tensors += 1;
    sums.elements += elements;
    sums.change += norm ** 2;
    sums.base += base ** 2;
    layers.set(layer, sums);
  }
  return [...layers].map(([layer, { tensors: count, elements, change, base }]) => ({
    layer,
    tensors: count,
    elements,
    norm: Math.sqrt(change),
    base: Math.sqrt(base),
    relative: relativeOf({ change, base }),
  }));
}
