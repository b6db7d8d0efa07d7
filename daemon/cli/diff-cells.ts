import type { Json } from '../protocol/json.ts';
import type { CompareRow } from '../protocol/routes.ts';
import { deltaText, sizeText, valueText } from './format.ts';
import type { Style } from './colour.ts';
import type { Cell } from './table.ts';

/** Headings: the name, each version, and for each candidate its difference to the baseline. */
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

/** One row under `diffColumns`. */
export function diffCells(row: CompareRow): Cell[] {
  const [baseline, ...candidates] = row.values.map((value) => shown(row.name, value));
  return [row.name, baseline ?? '–', ...candidates.flatMap((text, at): Cell[] => [text, deltaCell(row, at + 1)])];
}

/** Of a digest as much as tells it from others. */
function shown(name: string, value: Json): string {
  if (name === 'size' && typeof value === 'number') return sizeText(value);
  return valueText(value).replace(/^(sha256:[0-9a-f]{12})[0-9a-f]{52}$/, '$1');
}

/** `+0.0123 ▲ better`: the arrow says where it went, the word whether that is good. */
function deltaCell(row: CompareRow, at: number): Cell {
  const delta = row.deltas[at] ?? null;
  if (delta === null || delta === 0)
    return delta === null && JSON.stringify(row.values[at]) !== JSON.stringify(row.values[0]) ? 'differs' : '=';
  const better = row.better[at] ?? null;
  const word = better === null ? '' : better ? ' better' : ' worse';
  const amount = row.name === 'size' ? `${delta > 0 ? '+' : '−'}${sizeText(Math.abs(delta))}` : deltaText(delta);
  return { text: `${amount} ${delta > 0 ? '▲' : '▼'}${word}`, style: styleOf(better) };
}

function styleOf(better: boolean | null): Style | undefined {
  if (better === null) return undefined;
  return better ? 'green' : 'red';
}
