import type { ThinEvent } from './events.ts';
import type { Artifact, Run } from './model.ts';
import type { Notice } from './routes/webhooks.ts';

/** First message on the socket: the log's id and its last event. */
export interface Hello {
  kind: 'hello';
  logId: string;
  seq: number;
  protocol: number;
}

/** Messages on `/events`. Only `event` messages are stored; the others describe the present. */
export type StreamMessage =
  | Hello
  | { kind: 'event'; event: ThinEvent }
  /** The client's log or position is unknown here, so it must read everything again. */
  | { kind: 'resync'; logId: string; seq: number }
  | { kind: 'artifact'; artifact: Artifact }
  /** An artifact without a version was removed from disk, or its row is no longer needed. */
  | { kind: 'gone'; path: string }
  | { kind: 'run'; run: Run }
  /** Progress of long work, in bytes, or in the unit of `note`: `812 of 4000 blobs`. */
  | { kind: 'progress'; task: string; subject: string; done: number; total: number; note?: string }
  /** What webhooks are told too. Absent from older services. */
  | { kind: 'notice'; notice: Notice }
  | { kind: 'scan'; root: string; files: number; tookMs: number };
