import type { Json } from './json.ts';
import type { VersionState } from './model.ts';

/** Values of one thing over the compared columns, in their order; null where a column has none. */
export interface CompareRow {
  name: string;
  values: (Json | null)[];
  /** Candidate minus baseline, for numbers; index 0 is the baseline's and always null. Relative differences are left to the reader. */
  deltas: (number | null)[];
  /** Whether each candidate's value is better than the baseline's; null where that is not known. */
  better: (boolean | null)[];
  direction: 'higher' | 'lower' | null;
  differs: boolean;
}

/** How far the sources of one column disagree about a metric. */
export interface Spread {
  /** How many sources say it, two at least. */
  count: number;
  least: number;
  most: number;
}

/** A metric, with what an honest reading of it needs. */
export interface MetricRow extends CompareRow {
  /** By column, one sentence on why its value may not be weighed against the baseline's; null where nothing speaks against it. */
  notComparable: (string | null)[];
  /** By column; null where fewer than two sources say it, or all the same. */
  spread: (Spread | null)[];
}

export type TensorChange = 'added' | 'removed' | 'reshaped' | 'retyped';

/** A tensor that is not the same everywhere. Its values are `f32 [768, 768]`. */
export interface TensorRow extends CompareRow {
  /** Against the baseline, by column; null where it is the same there. A tensor of another shape and type is reshaped. */
  changes: (TensorChange | null)[];
}

export interface TensorSection {
  /** Those that differ, at most 2,000. */
  rows: TensorRow[];
  /** How many differ, those that are not listed included. */
  differing: number;
  /** How many are the same in all columns that have tensors. */
  equal: number;
}

/** One of what is compared: a version, or a live run. */
export interface ComparedColumn {
  /** `churn@7`, or `run:` and the run's folder as `runReference` writes it. */
  reference: string;
  kind: 'version' | 'run';
  model: string | null;
  number: number | null;
  state: VersionState | 'running' | 'finished' | 'failed' | 'killed';
  stage: string | null;
  aliases: string[];
  createdAt: number;
  /** Absolute path of the run's folder; null where there is none. */
  run: string | null;
  /** What could not be compared of it, and why; one sentence each. */
  missing: string[];
}

/** The sections whose rows are all of one shape, in the order in which they are read. */
export const plainSections = [
  'metrics', 'params', 'config', 'reports', 'code', 'environment', 'data', 'signature', 'files', 'facts',
] as const; // prettier-ignore
export type PlainSection = (typeof plainSections)[number];

/** Ten kinds of difference, and the facts of the artifacts. Each section lists at most 2,000 rows, those that differ first. */
export interface Comparison {
  /** References of the columns, the baseline first. */
  versions: string[];
  columns: ComparedColumn[];
  facts: CompareRow[];
  metrics: MetricRow[];
  /** Nested keys joined with a dot. */
  params: CompareRow[];
  /** Captured config files by path; values are digests, texts by the route `captured`. */
  config: CompareRow[];
  /** Pictures and reports by path; values are digests, bytes by the route `report`. What was not kept is `120000 bytes, not kept`. */
  reports: CompareRow[];
  /** `commit`, `branch`, `changed`, `remote`, `command`, and the digest of `uncommitted.diff`. */
  code: CompareRow[];
  /** `python`, `cuda`, then packages by name. */
  environment: CompareRow[];
  /** By path: `data/train.csv` is its digest, `data/train.csv rows` and `data/train.csv columns` what they say. */
  data: CompareRow[];
  /** `input ids`: `int64 [batch, 128]`. */
  signature: CompareRow[];
  /** By path, digests. */
  files: CompareRow[];
  tensors: TensorSection;
  /** How many rows a section holds beyond those that it lists. */
  omitted: Partial<Record<PlainSection, number>>;
}
