import type { CompareRow, Comparison } from '../protocol/comparison.ts';
import type { Json } from '../protocol/json.ts';
import { judge } from './comparison-summary.ts';
import { numberText } from './format.ts';
import { compareMetricNames } from './metrics.ts';

/** What a comparison of two versions shows about why one got worse. */
export interface RegressionReport {
  /** `churn@9 lost 0.02 val_auc against churn@8: lr 0.01 → 0.1, data changed, 3 packages changed.` */
  text: string;
  /** Every difference that may explain it, the most likely kinds first. */
  causes: string[];
}

const maxNamed = 4;

/**
 * Explains how the second version of a comparison differs from the first in a metric, and what else differs. Differences are
 * listed, not blamed: nothing here knows which of them is the cause. `metric`: by default the most informative one that got worse.
 */
export function explainRegression(comparison: Comparison, metric: string | null): RegressionReport {
  const [baseline = '', version = ''] = comparison.versions;
  const causes = [
    ...differing(comparison.params).map(changeText),
    ...dataChanges(comparison.data),
    ...codeChanges(comparison.code),
    ...differing(comparison.config).map(({ name }) => `${name} changed`),
    ...environmentChanges(comparison.environment),
    ...differing(comparison.signature).map(changeText),
  ];
  const row = metricRow(comparison, metric);
  const head = row ? `${version} ${metricText(row)} against ${baseline}` : noMetricText(comparison, metric);
  const missing = comparison.columns.flatMap(({ reference, missing: said }) =>
    said.map((one) => `${reference}: ${one}`),
  );
  const unseen = missing.length > 0 ? ` Not compared: ${listed(missing)}.` : '';
  if (causes.length === 0)
    return { text: `${head}. No params, data, code or packages are known to differ.${unseen}`, causes };
  return { text: `${head}: ${listed(causes)}.${unseen}`, causes };
}

function metricRow({ metrics }: Comparison, metric: string | null): Comparison['metrics'][number] | undefined {
  if (metric !== null) return metrics.find(({ name }) => name === metric);
  const worse = metrics.filter((row) => judge(row, 1) === 'worse');
  return worse.toSorted((a, b) => compareMetricNames(a.name, b.name))[0];
}

function noMetricText({ versions: [baseline = '', version = ''] }: Comparison, metric: string | null): string {
  if (metric !== null) return `${metric} is not known of both ${baseline} and ${version}`;
  return `No metric of ${version} is known to be worse than in ${baseline}`;
}

function metricText(row: Comparison['metrics'][number]): string {
  const judgement = judge(row, 1);
  const [from, to] = row.values;
  const delta = row.deltas[1] ?? null;
  const values = `${row.name} (${valueText(from)} → ${valueText(to)})`;
  if (judgement === 'not-comparable') return `has another ${values}, which was measured on other data,`;
  if (judgement === 'missing') return `cannot be compared in ${values}`;
  if (delta === null || judgement === 'equal') return `is equal in ${values}`;
  const size = numberText(Math.abs(delta));
  if (judgement === 'worse') return `${delta < 0 ? 'lost' : 'is worse by'} ${size} ${values}`;
  if (judgement === 'better') return `is better by ${size} ${values}`;
  if (judgement === 'within-noise') return `differs within noise by ${size} ${values}`;
  return `differs by ${size}, and which direction is better is not known, in ${values}`;
}

function dataChanges(rows: readonly CompareRow[]): string[] {
  return differing(rows).map((row) => {
    const [from, to] = row.values;
    if (typeof from === 'number' && typeof to === 'number') return changeText(row);
    return from === null || to === null ? `data ${row.name} is known of one only` : `data ${row.name} changed`;
  });
}

function codeChanges(rows: readonly CompareRow[]): string[] {
  return differing(rows).map((row) =>
    row.name === 'uncommitted.diff' ? 'uncommitted changes differ' : changeText(row),
  );
}

/** Counts changed packages, as a list of hundreds explains nothing. */
function environmentChanges(rows: readonly CompareRow[]): string[] {
  const own = differing(rows).filter(({ name }) => name === 'python' || name === 'cuda');
  const packages = differing(rows).filter((row) => !own.includes(row));
  if (packages.length === 0) return own.map(changeText);
  const named = packages.slice(0, maxNamed).map(changeText).join(', ');
  const more = packages.length > maxNamed ? ', …' : '';
  return [
    ...own.map(changeText),
    `${packages.length} package${packages.length === 1 ? '' : 's'} changed (${named}${more})`,
  ];
}

/** Returns the rows in which both columns are known and differ. */
function differing(rows: readonly CompareRow[]): CompareRow[] {
  return rows.filter(({ differs, values }) => differs && values[0] !== values[1]);
}

function changeText({ name, values: [from, to] }: CompareRow): string {
  return `${name} ${valueText(from)} → ${valueText(to)}`;
}

const maxText = 60;

function valueText(value: Json | undefined): string {
  if (value === null || value === undefined) return 'unknown';
  if (typeof value === 'number') return numberText(value, 6);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > maxText ? `${text.slice(0, maxText)}…` : text;
}

function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, 2 * maxNamed).join(', ');
  return texts.length > 2 * maxNamed ? `${shown} and ${texts.length - 2 * maxNamed} more` : shown;
}
