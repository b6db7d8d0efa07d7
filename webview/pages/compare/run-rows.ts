import * as l10n from '@vscode/l10n';
import type { ComparedColumn, CompareRow, Comparison } from '../../../daemon/protocol/comparison.ts';
import type { Json } from '../../../daemon/protocol/json.ts';
import { exactTimeText, sizeText, spanText } from '../../../daemon/shared/format.ts';

const commitDigits = 12;

/** Returns where each version comes from, as rows. What is known of no version has no row. */
export function runRows({ columns, code, facts }: Comparison): CompareRow[] {
  const from = (rows: readonly CompareRow[], name: string, text: (value: Json) => string): (string | null)[] => {
    const row = rows.find((one) => one.name === name);
    return columns.map((_, place) => {
      const value = row?.values[place] ?? null;
      return value === null ? null : text(value);
    });
  };
  const of = (text: (column: ComparedColumn) => string | null): (string | null)[] => columns.map(text);
  const rows: [string, (string | null)[]][] = [
    [l10n.t('Trained'), of(({ trainedAt }) => (trainedAt === null ? null : exactTimeText(trainedAt)))],
    [l10n.t('Duration'), of(({ durationMs }) => (durationMs === null ? null : spanText(durationMs)))],
    [l10n.t('By'), of(({ actor }) => actor && (actor.split('/', 1)[0] ?? null))],
    [
      l10n.t('Commit'),
      from(code, 'commit', (commit) => (typeof commit === 'string' ? commit.slice(0, commitDigits) : '')),
    ],
    [l10n.t('Size'), from(facts, 'size', (size) => sizeText(Number(size)))],
    [l10n.t('Stage'), of(({ stage }) => stage)],
    [l10n.t('Run'), belowCommonFolder(of(({ run }) => run))],
  ];
  return rows
    .filter(([, values]) => values.some((value) => value !== null))
    .map(([name, values]) => ({
      name,
      values,
      deltas: values.map(() => null),
      better: values.map(() => null),
      direction: null,
      differs: new Set(values).size > 1,
    }));
}

/** Returns paths without the folders that all of them have in common; at least their last name remains. */
export function belowCommonFolder(paths: readonly (string | null)[]): (string | null)[] {
  const split = paths.map((path) => path?.split(/[\\/]/) ?? null);
  const known = split.filter((names) => names !== null);
  const isShared = (at: number): boolean =>
    known.every((names) => at < names.length - 1 && names[at] === known[0]?.[at]);
  let shared = 0;
  while (known.length > 0 && isShared(shared)) shared += 1;
  return split.map((names) => names?.slice(shared).join('/') ?? null);
}
