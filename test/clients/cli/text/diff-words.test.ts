import { expect, test } from 'vitest';
import { cellText, diffCells, type DiffRow } from '../../../../daemon/clients/cli/text/diff-cells.ts';
import { differingWords } from '../../../../daemon/clients/cli/text/diff-words.ts';

const base =
  '/home/ana/projects/churn/.venv/bin/python train.py --data data/customers.parquet --lr 0.1 --epochs 20 --seed 7';

test('of two long commands the words that differ are shown, not the same beginning twice', () => {
  const other = base.replace('0.1', '0.2').replace('--seed 7', '--seed 8');
  const row: DiffRow = {
    name: 'command',
    values: [base, other],
    deltas: [null, null],
    better: [null, null],
    direction: null,
    differs: true,
  };
  expect(diffCells(row).slice(0, 3)).toEqual(['command', '… --lr 0.1 … --seed 7', '… --lr 0.2 … --seed 8']);
});

test('a word that only one side has is shown, and where it is missing on the other', () => {
  expect(differingWords(`${base} --amp`, base)).toBe('… 7 --amp');
  expect(differingWords(base, `${base} --amp`)).toBe('… 7 …');
  expect(differingWords('a b c', 'x b y')).toBe('a b c');
  expect(differingWords('one', 'two')).toBe('one');
});

test('long texts are compared in bounded work, and every cell stays short', () => {
  const long = Array.from({ length: 50_000 }, (_, at) => `word${at}`).join(' ');
  const row: DiffRow = {
    name: 'text',
    values: [long, `x ${long.slice(6)} y`],
    deltas: [null, null],
    better: [null, null],
    direction: null,
    differs: true,
  };
  for (const cell of diffCells(row).slice(0, 3)) expect(cellText(cell).length).toBeLessThanOrEqual(60);
});
