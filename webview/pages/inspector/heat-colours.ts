import type { HeatMap } from '../../../daemon/protocol/tensors.ts';
import { numberText } from '../../../daemon/shared/format.ts';
import type { Rgb } from '../../components/colours.ts';

/** Colours and numbers of a heat map's levels. Pure. */

/** The level of zero, and how many levels lie on each side of it. */
const [zeroLevel, half] = [128, 127];

/** Returns the levels of a heat map, row by row. */
export function levelsOf({ levels }: Pick<HeatMap, 'levels'>): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(levels), (character) => character.charCodeAt(0));
}

/** Returns the colour of each level, from colours as `rgb(…)` texts. */
export function heatColours(of: Record<'below' | 'zero' | 'above' | 'missing', string>): Rgb[] {
  const [below, zero, above] = [rgbOf(of.below), rgbOf(of.zero), rgbOf(of.above)];
  return Array.from({ length: 256 }, (_, level) => {
    if (level === 0) return rgbOf(of.missing);
    const share = (level - zeroLevel) / half;
    return mix(zero, share < 0 ? below : above, Math.abs(share));
  });
}

/** Returns about which number a level stands for. The strongest ones stand for all beyond, too. */
export function valueOf(level: number, limit: number): string {
  if (level === 0) return 'NaN, ∞';
  const value = ((level - zeroLevel) / half) * limit;
  const text = numberText(Number(value.toPrecision(2))).replace('-', '−');
  if (limit > 0 && level === 255) return `≥ ${text}`;
  return level === 1 ? `≤ ${text}` : `≈ ${text}`;
}

function rgbOf(text: string): Rgb {
  const [red = 0, green = 0, blue = 0] = (text.match(/\d+/g) ?? []).map(Number);
  return [red, green, blue];
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const part = (at: 0 | 1 | 2): number => Math.round(from[at] + (to[at] - from[at]) * share);
  return [part(0), part(1), part(2)];
}
