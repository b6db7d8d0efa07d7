import type { Json } from '../../../protocol/json.ts';
import type { CompareRow, MetricRow } from '../../../protocol/comparison.ts';
import { valueText } from './values.ts';
import { differingWords } from './diff-words.ts';
import type { Style } from '../terminal/color.ts';
import type { Cell } from '../terminal/table.ts';
import { deltaText, sizeText } from '../../../shared/format.ts';

/** A row of any section. `changes`: one word for each candidate without a number. */
export type DiffRow = CompareRow &
  Partial<Pick<MetricRow, 'notComparable' | 'spread'>> & { changes?: readonly (string | null)[] };

/** Longest cell text. `show`, CSV and JSON have the full value. */
const longest = 60;

/** Returns the headings: name, each version, and each candidate's difference from the baseline. */
export function diffColumns(versions: readonly string[]): string[] {
  const [baseline = '', ...candidates] = versions;
  const isPair = candidates.length === 1;
  return [
    '',
    baseline,
    ...candidates.flatMap((candidate) => [
      candidate,
      isPair ? 'Δ' : `Δ ${candidate.slice(candidate.lastIndexOf('@'))}`,
    ]),
  ];
}

/** Returns the cells of one row under `diffColumns`. */
export function diffCells(row: DiffRow): Cell[] {
  const [baseline, ...candidates] = row.values.map((value, at) => cellOf(row, value, at));
  return [row.name, baseline ?? '–', ...candidates.flatMap((text, at): Cell[] => [text, deltaCell(row, at + 1)])];
}

/** Formats a value: digests are shortened; a metric with differing sources gets its range. */
function cellOf(row: DiffRow, value: Json, at: number): string {
  if (row.name === 'size' && typeof value === 'number') return sizeText(value);
  const text = valueText(value).replace(/^(sha256:[0-9a-f]{12})[0-9a-f]{52}$/, '$1');
  const relevant = text.length > longest ? whereItDiffers(row, text, at) : text;
  const short = relevant.length > longest ? `${relevant.slice(0, longest - 1)}…` : relevant;
  const spread = row.spread?.[at];
  return spread ? `${short} (${valueText(spread.least)} … ${valueText(spread.most)})` : short;
}

/** Returns the part of a long text that differs from the baseline; for the baseline, from the first text that differs. */
function whereItDiffers(row: DiffRow, text: string, at: number): string {
  const texts = row.values.map((value) => (typeof value === 'string' ? valueText(value) : undefined));
  const other = at === 0 ? texts.find((one) => one !== undefined && one !== text) : texts[0];
  return other === undefined || other === text ? text : differingWords(text, other);
}

/** Formats a difference: `+0.0123 ▲ better`. The arrow shows the direction, the word whether it is good. */
function deltaCell(row: DiffRow, at: number): Cell {
  const change = row.changes?.[at];
  if (change) return change;
  const delta = row.deltas[at] ?? null;
  if (delta === null || delta === 0)
    return delta === null && JSON.stringify(row.values[at]) !== JSON.stringify(row.values[0]) ? 'differs' : '=';
  const amount = row.name === 'size' ? `${delta > 0 ? '+' : '−'}${sizeText(Math.abs(delta))}` : deltaText(delta);
  const share = row.notComparable ? shareText(row.values[0], delta) : '';
  const moved = `${amount}${share} ${delta > 0 ? '▲' : '▼'}`;
  if (row.notComparable?.[at]) return `${moved} not comparable`;
  const better = row.better[at] ?? null;
  return { text: `${moved}${better === null ? '' : better ? ' better' : ' worse'}`, style: styleOf(better) };
}

/** Formats a relative difference: ` (+1.4 %)`. */
function shareText(base: Json | undefined, delta: number): string {
  if (typeof base !== 'number' || base === 0) return '';
  const percent = Math.abs((100 * delta) / base);
  return ` (${delta > 0 ? '+' : '−'}${Number(percent.toPrecision(2))} %)`;
}

function styleOf(better: boolean | null): Style | undefined {
  if (better === null) return undefined;
  return better ? 'green' : 'red';
}

export function cellText(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}
