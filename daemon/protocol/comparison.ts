import type { Json } from './json.ts';
import type { VersionState } from './model.ts';

/** Values of one property in the compared columns, in their order; null in a column without one. */
export interface CompareRow {
  name: string;
  values: (Json | null)[];
  /** Candidate minus baseline, for numbers; index 0, the baseline's, is null. The client computes relative differences. */
  deltas: (number | null)[];
  /** True if a candidate's value is better than the baseline's; null if unknown. */
  better: (boolean | null)[];
  direction: 'higher' | 'lower' | null;
  differs: boolean;
  /** By column, what its sources say if they contradict each other; null where they do not. Absent if no column has such sources. */
  conflicts?: (SourcedValue[] | null)[];
}

/** A value, and the source that says it. */
export interface SourcedValue {
  /** As `Evidence.source`. */
  source: string;
  value: Json;
}

/** Range of the values of a metric in repeated trainings. */
export interface Spread {
  /** Number of trainings with the metric, at least two. */
  count: number;
  least: number;
  most: number;
}

/** A metric, with the facts that decide whether its values may be compared. */
export interface MetricRow extends CompareRow {
  /** By column, a sentence on why the value must not be compared with the baseline's; null if it may. */
  notComparable: (string | null)[];
  /** By column, among the compared ones that repeat its training with another seed; null if there are none, or all agree. */
  spread: (Spread | null)[];
}

export type TensorChange = 'added' | 'removed' | 'reshaped' | 'retyped';

/** A tensor that differs between columns. Its values are `f32 [768, 768]`. */
export interface TensorRow extends CompareRow {
  /** Change from the baseline, by column; null for none. A tensor of another shape and type counts as reshaped. */
  changes: (TensorChange | null)[];
}

export interface TensorSection {
  /** Tensors that differ, at most 2,000. */
  rows: TensorRow[];
  /** Number of tensors that differ, unlisted ones included. */
  differing: number;
  /** Number of tensors that are equal in all columns with tensors. */
  equal: number;
}

/** A compared version or live run. */
export interface ComparedColumn {
  /** `churn@7`, or `run:` and the run's folder as in `runReference`. */
  reference: string;
  kind: 'version' | 'run';
  model: string | null;
  number: number | null;
  state: VersionState | 'running' | 'finished' | 'failed' | 'killed';
  stage: string | null;
  aliases: string[];
  createdAt: number;
  /** When its training wrote it last; null if unknown. */
  trainedAt: number | null;
  /** How long its run or its process trained until then; null if unknown. */
  durationMs: number | null;
  /** Who registered it; null for a run. */
  actor: string | null;
  /** Absolute path of the run's folder; null for none. */
  run: string | null;
  /** One sentence for each part that could not be compared. */
  missing: string[];
}

/** Sections whose rows have the same shape, in reading order. */
export const plainSections = [
  'metrics', 'params', 'config', 'reports', 'code', 'environment', 'data', 'signature', 'files', 'facts',
] as const; // prettier-ignore
export type PlainSection = (typeof plainSections)[number];

/** A comparison: ten kinds of differences, and the artifacts' facts. Each section lists at most 2,000 rows, differing ones first. */
export interface Comparison {
  /** References of the columns, baseline first. */
  versions: string[];
  columns: ComparedColumn[];
  facts: CompareRow[];
  metrics: MetricRow[];
  /** Nested keys are joined with a dot. */
  params: CompareRow[];
  /** Captured configuration files by path. Values are digests; the route `captured` returns texts. */
  config: CompareRow[];
  /** Pictures and reports by path. Values are digests, or `120000 bytes, not kept`; the route `report` returns bytes. */
  reports: CompareRow[];
  /** `commit`, `branch`, `changed`, `remote`, `command`, and the digest of `uncommitted.diff`. */
  code: CompareRow[];
  /** `python`, `cuda`, then packages by name. */
  environment: CompareRow[];
  /** By path: the digest in `data/train.csv`, the counts in `data/train.csv rows` and `data/train.csv columns`. */
  data: CompareRow[];
  /** `input ids`: `int64 [batch, 128]`. */
  signature: CompareRow[];
  /** Digests by path. */
  files: CompareRow[];
  tensors: TensorSection;
  /** Rows of each section beyond the listed ones. */
  omitted: Partial<Record<PlainSection, number>>;
}
