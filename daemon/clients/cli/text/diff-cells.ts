import type { Json } from '../../../protocol/json.ts';
import type { CompareRow, MetricRow } from '../../../protocol/comparison.ts';
import { valueText } from './values.ts';
import { differingWords } from './diff-words.ts';
import type { Cell } from '../terminal/table.ts';
import { judge, type Judgement } from '../../../shared/comparison-summary.ts';
import { deltaText, shareText, sizeText } from '../../../shared/format.ts';

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

/** Formats a value: digests are shortened; repeated trainings add their range, contradicting sources what each of them says. */
function cellOf(row: DiffRow, value: Json, at: number): string {
  if (row.name === 'size' && typeof value === 'number') return sizeText(value);
  const text = valueText(value).replace(/^(sha256:[0-9a-f]{12})[0-9a-f]{52}$/, '$1');
  const relevant = text.length > longest ? whereItDiffers(row, text, at) : text;
  const short = relevant.length > longest ? `${relevant.slice(0, longest - 1)}…` : relevant;
  const spread = row.spread?.[at];
  const ranged = spread ? `${short} (${valueText(spread.least)} … ${valueText(spread.most)})` : short;
  const said = row.conflicts?.[at];
  return said
    ? `${ranged} ⚠ ${said.map(({ source, value: own }) => `${source} ${valueText(own)}`).join(', ')}`
    : ranged;
}

/** Returns the part of a long text that differs from the baseline; for the baseline, from the first text that differs. */
function whereItDiffers(row: DiffRow, text: string, at: number): string {
  const texts = row.values.map((value) => (typeof value === 'string' ? valueText(value) : undefined));
  const other = at === 0 ? texts.find((one) => one !== undefined && one !== text) : texts[0];
  return other === undefined || other === text ? text : differingWords(text, other);
}

/** Formats a difference: `−0.0123 (−12 %) ▲ better`. The sign is the direction of the number, the arrow whether that is good. */
function deltaCell(row: DiffRow, at: number): Cell {
  const change = row.changes?.[at];
  if (change) return change;
  const delta = row.deltas[at] ?? null;
  if (delta === null || delta === 0)
    return delta === null && JSON.stringify(row.values[at]) !== JSON.stringify(row.values[0]) ? 'differs' : '=';
  const amount = row.name === 'size' ? `${delta > 0 ? '+' : '−'}${sizeText(Math.abs(delta))}` : deltaText(delta);
  const base = row.values[0];
  const share = row.notComparable && typeof base === 'number' ? shareText(base, delta) : '';
  const moved = share === '' ? amount : `${amount} (${share})`;
  return judgedCell(moved, judge(row, at));
}

function judgedCell(moved: string, judgement: Judgement): Cell {
  switch (judgement) {
    case 'better':
      return { text: `${moved} ▲ better`, style: 'green' };
    case 'worse':
      return { text: `${moved} ▼ worse`, style: 'red' };
    case 'within-noise':
      return `${moved} ≈ within noise`;
    case 'not-comparable':
      return `${moved} not comparable`;
    default:
      return moved;
  }
}

export function cellText(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}
