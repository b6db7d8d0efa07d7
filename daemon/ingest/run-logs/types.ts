import type { Source } from '../../formats/source.ts';
import type { Json } from '../../protocol/json.ts';
import type { Run } from '../../protocol/model.ts';

/** One point of a metric series: step (null where the file has none), time in epoch ms (null likewise), value (may be NaN or ±Infinity). */
export type Point = [step: number | null, time: number | null, value: number];

export interface LoggedValues {
  /** Hyperparameters, nested as written. */
  params: Record<string, Json>;
  /** Single values, not part of a series: `metrics.json`, `eval_results.json`. Nested keys are joined with `/`. */
  metrics: Record<string, number>;
  /** New points since `resume`, in file order. */
  series: Record<string, Point[]>;
  /** Best values where the file itself says so (trainer_state.json: best_metric). */
  best: Record<string, { value: number; step: number | null; mode: 'min' | 'max' | null }>;
  /** Steps at which folders of checkpoints were saved, by their names, where the file itself says so (Ray Tune). */
  saves?: Record<string, number>;
  /** Said by the file itself. */
  status: Run['status'] | null;
  /** A sentence each: `line 7 is no JSON object; skipped`. At most 20. */
  problems: string[];
}

/** Where an appended file was read to; opaque to everyone but its reader. JSON, so it can be stored. */
export interface Resume {
  /** Bytes consumed: everything before it was read. */
  offset: number;
  state: Json;
}

/** Reads params and metrics from one kind of file that trainers leave beside their models. */
export interface RunLogReader {
  readonly name: string;
  /** By base name alone: may this file be a log of this kind? */
  canRead(fileName: string): boolean;
  /**
   * True when such a file means that its folder belongs to a training run (event files, trainer_state.json,
   * lightning's or Keras' CSV), false for files that any script may leave (metrics.json, params.yaml).
   */
  readonly marksRun: boolean;
  /**
   * Reads from the start, or, with `resume`, only what was appended since. Never throws for what the file contains:
   * a torn tail is left for the next call, a bad record is skipped and noted. Runs in a worker thread.
   */
  read(fileName: string, source: Source, resume?: Resume): ReadValues;
}

export interface ReadValues {
  values: LoggedValues;
  resume: Resume;
  /** The values are those of the whole file: nothing that earlier calls gave holds any more. */
  anew?: boolean;
}

/** Entries of all the given records, the last on top, in one that inherits nothing: names come from files (`__proto__`, `constructor`). */
export function record<T>(...parts: readonly Readonly<Record<string, T>>[]): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, ...parts) as Record<string, T>;
}

export function emptyValues(): LoggedValues {
  return { params: record(), metrics: record(), series: record(), best: record(), status: null, problems: [] };
}
