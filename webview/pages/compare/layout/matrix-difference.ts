import type { ConfusionMatrix } from '../../../../daemon/shared/report-tables.ts';

/** A cell of a confusion matrix: its count, its share of the true class, and how that changed against the baseline. */
export interface MatrixCell {
  count: number;
  /** 0 to 1; null for a class without examples. */
  share: number | null;
  /** Change of the share; null in the baseline itself, and if the classes differ. */
  change: number | null;
  /** True if the change is better: more on the diagonal, less beside it. */
  isBetter: boolean | null;
}

export interface MatrixMap {
  labels: string[];
  cells: MatrixCell[][];
  /** True if a baseline is given whose classes are others. */
  hasOtherClasses: boolean;
}

/** Returns the cells of a matrix, compared with that of the baseline. Shares are compared, since the numbers of examples may differ. */
export function matrixMap(matrix: ConfusionMatrix, baseline: ConfusionMatrix | null): MatrixMap {
  const labels = namesOf(matrix);
  const isSame = baseline !== null && namesOf(baseline).join('\n') === labels.join('\n');
  const before = isSame ? sharesOf(baseline) : undefined;
  const after = sharesOf(matrix);
  const cells = matrix.counts.map((row, at) =>
    row.map((count, column): MatrixCell => {
      const share = after[at]?.[column] ?? null;
      const old = before?.[at]?.[column] ?? null;
      const change = share === null || old === null ? null : share - old;
      const isBetter = change === null || change === 0 ? null : change > 0 === (at === column);
      return { count, share, change, isBetter };
    }),
  );
  return { labels, cells, hasOtherClasses: baseline !== null && !isSame };
}

function namesOf({ labels, counts }: ConfusionMatrix): string[] {
  return labels ?? counts.map((_, index) => String(index));
}

function sharesOf({ counts }: ConfusionMatrix): (number | null)[][] {
  return counts.map((row) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count) => (total > 0 ? count / total : null));
  });
}
