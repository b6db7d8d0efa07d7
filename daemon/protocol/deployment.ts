import type { Digest, PointerKind, Time } from './model.ts';

/** A deployment command that ran after a pointer moved, and its result. */
export interface Deployment {
  /** The event that moved the pointer. */
  moved: number;
  kind: PointerKind;
  name: string;
  run: string;
  startedAt: Time;
  /** Null while it runs. */
  finishedAt: Time | null;
  exit: number | null;
  problem: string | null;
  /** The last line that it printed. */
  said: string;
  output: Digest | null;
}
