import type { Source } from '../../formats/source.ts';
import type { Json } from '../../protocol/json.ts';
import type { Run } from '../../protocol/model.ts';

/** One point of a series: step and time in epoch ms (null if the file has none), and value (may be NaN or ±Infinity). */
export type Point = [step: number | null, time: number | null, value: number];

export interface LoggedValues {
  /** Hyperparameters, nested as written. */
  params: Record<string, Json>;
  /** Single values, no series: `metrics.json`, `eval_results.json`. Nested keys are joined with `/`. */
  metrics: Record<string, number>;
  /** New points since `resume`, in file order. */
  series: Record<string, Point[]>;
  /** Best values that the file itself records (trainer_state.json: best_metric). */
  best: Record<string, { value: number; step: number | null; mode: 'min' | 'max' | null }>;
  /** Steps at which checkpoint folders were saved, by folder name, if the file records them (Ray Tune). */
  saves?: Record<string, number>;
  /** Status that the file records. */
  status: Run['status'] | null;
  /** One sentence each, at most 20: `line 7 is not a JSON object; skipped`. */
  problems: string[];
}

/** Position up to which an appended file was read. Only its reader interprets it. JSON, so it can be stored. */
export interface Resume {
  /** Bytes that were read. */
  offset: number;
  state: Json;
}

/** Reads params and metrics from one kind of file that trainers leave beside their models. */
export interface RunLogReader {
  readonly name: string;
  /** Returns true if a file of this base name may be a log of this kind. */
  canRead(fileName: string): boolean;
  /**
   * True if such a file marks its folder as a training run's (event files, trainer_state.json, Lightning's or Keras' CSV), false
   * if any script may write it (metrics.json, params.yaml).
   */
  readonly marksRun: boolean;
  /**
   * Reads from the start or, with `resume`, only what was appended. Never throws for contents: an incomplete end is left for the
   * next call, a bad record is skipped and reported. Runs in a worker thread.
   */
  read(fileName: string, source: Source, resume?: Resume): ReadValues;
}

export interface ReadValues {
  values: LoggedValues;
  resume: Resume;
  /** True if these values replace all values of earlier calls. */
  anew?: boolean;
}

/** Merges records, the last overriding, into one without a prototype, as names come from files (`__proto__`, `constructor`). */
export function record<T>(...parts: readonly Readonly<Record<string, T>>[]): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, ...parts) as Record<string, T>;
}

export function emptyValues(): LoggedValues {
  return { params: record(), metrics: record(), series: record(), best: record(), status: null, problems: [] };
}
