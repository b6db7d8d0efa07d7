import type { Change } from '../../../../daemon/shared/comparison-summary.ts';

export type NamedChange = Change & { name: string };

export const [barWidth, gap, height] = [6, 2, 24];
const leastBar = 2;

/** One bar of a strip, in its units: up from the middle for better, down for worse. */
export interface Bar {
  x: number;
  y: number;
  height: number;
  kind: 'better' | 'worse' | 'noise';
}

/** Returns the bars for changes in their order. Lengths go by the root, so that a small change beside a huge one is seen. Pure. */
export function layOutBars(changes: readonly NamedChange[]): Bar[] {
  const most = Math.max(0, ...changes.map(({ gain }) => Math.abs(gain ?? 0)));
  return changes.map(({ judgement, gain }, index) => {
    const share = gain === null ? 1 : most === 0 ? 0 : Math.sqrt(Math.abs(gain) / most);
    const length = judgement === 'within-noise' ? leastBar : Math.max(leastBar, share * (height / 2));
    const kind = judgement === 'better' || judgement === 'worse' ? judgement : 'noise';
    return {
      x: index * (barWidth + gap),
      y: kind === 'worse' ? height / 2 : height / 2 - length,
      height: length,
      kind,
    };
  });
}
