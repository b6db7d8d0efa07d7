import type { Run, Time } from './model.ts';

/** A run that an MLflow client logged, for its page. */
export interface TrackedRun {
  run: string;
  name: string;
  experiment: { id: string; name: string };
  status: Run['status'];
  deleted: boolean;
  user: string;
  startedAt: Time;
  endedAt: Time | null;
  /** Newest value of each metric by name; `NaN` as text. */
  metrics: Record<string, number | string>;
  params: Record<string, string>;
  tags: Record<string, string>;
  /** Data sets that it read. */
  inputs: { name: string; digest: string; source: string }[];
  /** Versions made of it. */
  versions: { model: string; number: number }[];
  /** Series of more than one point, reduced to a few hundred; null is a gap, where the value is no number. */
  curves: { metric: string; steps: number[]; times: Time[]; values: (number | null)[] }[];
}
