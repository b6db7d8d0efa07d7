import type { ThinEvent } from './events.ts';
import type { Artifact, Run } from './model.ts';

/** First message on the socket: which log this is and where its head stands. */
export interface Hello {
  kind: 'hello';
  logId: string;
  seq: number;
  protocol: number;
}

/** What the daemon sends on `/events`. Only `event` messages are stored; the others say what goes on right now. */
export type StreamMessage =
  | Hello
  | { kind: 'event'; event: ThinEvent }
  /** The client's log or position is unknown here: read everything anew. */
  | { kind: 'resync'; logId: string; seq: number }
  | { kind: 'artifact'; artifact: Artifact }
  /** An artifact is no longer on disk, and was no version yet or its row is of no more use. */
  | { kind: 'gone'; path: string }
  | { kind: 'run'; run: Run }
  /** Progress of long work, in bytes, or in what `note` counts in words: `812 of 4000 blobs`. */
  | { kind: 'progress'; task: string; subject: string; done: number; total: number; note?: string }
  | { kind: 'scan'; root: string; files: number; tookMs: number };
