import type { Comparison } from '../../../protocol/comparison.ts';
import type { DiffRow } from './diff-cells.ts';
import { countOf } from '../../../shared/format.ts';

/** One table of a comparison, whatever the output format. */
export interface DiffSection {
  title: string;
  rows: readonly DiffRow[];
  /** A sentence below the table; empty for none. */
  note: string;
}

const titles = {
  metrics: 'metrics',
  params: 'params',
  config: 'config',
  reports: 'reports',
  code: 'code',
  environment: 'environment',
  data: 'data',
  signature: 'signature',
  files: 'files',
  tensors: 'tensors',
  facts: 'facts',
} as const;

/** Returns the sections with rows: only differing ones, unless `all`. */
export function diffSections(comparison: Comparison, all: boolean): DiffSection[] {
  const names = Object.keys(titles) as (keyof typeof titles)[];
  const sections = names.map((name): DiffSection => {
    const rows = name === 'tensors' ? comparison.tensors.rows : comparison[name];
    const note = name === 'tensors' ? tensorNote(comparison) : omittedNote(comparison, name);
    return { title: titles[name], rows: rows.filter((row) => all || row.differs), note };
  });
  return sections.filter(({ rows }) => rows.length > 0);
}

function omittedNote({ omitted }: Comparison, name: Exclude<keyof typeof titles, 'tensors'>): string {
  const count = omitted[name] ?? 0;
  return count === 0 ? '' : `${countOf(count, 'row')} more are not listed`;
}

function tensorNote({ tensors: { rows, differing, equal } }: Comparison): string {
  const more = differing > rows.length ? `${countOf(differing - rows.length, 'more tensor')} differ; ` : '';
  return `${more}${countOf(equal, 'tensor')} the same in type and shape`;
}

/** Returns one sentence for each group of metrics and column that cannot be compared. */
export function diffWarnings({ metrics, columns, versions }: Comparison): string[] {
  const reasons = versions.flatMap((version, at) => {
    const why = [...new Set(metrics.flatMap((row) => row.notComparable[at] ?? []))];
    return why.map((reason) => `metrics of ${version} are not comparable: ${reason}`);
  });
  const missing = columns.flatMap((column) => column.missing.map((what) => `${column.reference}: ${what}`));
  return [...reasons, ...missing];
}
