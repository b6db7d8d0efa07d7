import type { CompareRow } from '../../../daemon/protocol/comparison.ts';
import { cellText } from '../../components/text.ts';
import { numberText } from '../../../daemon/shared/format.ts';

/** One table of the comparison. */
export interface Section {
  id: string;
  title: string;
  rows: readonly CompareRow[];
  /** True when its values can be better or worse. */
  judged: boolean;
}

/** Returns `+0.006 (+0.7 %)`; empty when there is nothing to subtract. */
export function changeText({ values, deltas }: CompareRow, index: number): string {
  const delta = deltas[index];
  if (typeof delta !== 'number' || delta === 0) return '';
  const sign = delta > 0 ? '+' : '−';
  const base = values[0];
  const share =
    typeof base === 'number' && base !== 0
      ? ` (${sign}${numberText(Number(Math.abs((100 * delta) / base).toPrecision(2)))} %)`
      : '';
  return `${sign}${numberText(Number(Math.abs(delta).toPrecision(4)))}${share}`;
}

/** Returns the rows as texts, the header first. */
export function textsOf({ title }: Section, rows: readonly CompareRow[], versions: readonly string[]): string[][] {
  return [[title, ...versions], ...rows.map((row) => [row.name, ...row.values.map((value) => cellText(value))])];
}
