import type { Context } from '../context.ts';
import { eventsAfter, head, type LoggedEvent } from '../db/log.ts';
import type { StreamMessage } from '../protocol/stream.ts';
import { thinEvent } from '../registry/history.ts';

/** Consecutive events as a sequence of WebSocket frames. All clients share the bytes. */
export interface EventFrames {
  /** Numbers of the events, and the end of each frame in `bytes`. */
  seqs: number[];
  ends: number[];
  bytes: Buffer;
}

/** Encodes a message as one unmasked text frame. Source: RFC 6455, section 5.2. */
export function textFrame(message: StreamMessage): Buffer {
  const text = JSON.stringify(message);
  const length = Buffer.byteLength(text);
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = 0x81;
  if (header === 2) frame[1] = length;
  else if (header === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, header);
  return frame;
}

export function framesOf(ctx: Context, events: readonly LoggedEvent[]): EventFrames {
  const frames = events.map((event) => textFrame({ kind: 'event', event: thinEvent(ctx, event) }));
  let end = 0;
  const ends = frames.map((frame) => (end += frame.length));
  return { seqs: events.map(({ seq }) => seq), ends, bytes: Buffer.concat(frames, end) };
}

/** Returns the frames of events after `seq`; empty for none. */
export function framesAfter({ seqs, ends, bytes }: EventFrames, seq: number): Buffer {
  const from = seqs.findIndex((one) => one > seq);
  if (from < 0) return bytes.subarray(bytes.length);
  return from === 0 ? bytes : bytes.subarray(ends[from - 1]);
}

/** Events that are read and encoded at a time. */
const blockSize = 32;
/** Blocks kept for other clients that resume at about the same event. */
const maxKnown = 16;

/** The log as blocks of frames. A block that many clients need is encoded once. */
export interface LogFrames {
  /** Returns the block with the event that follows `seq`; undefined at the end of the log. */
  blockAfter(seq: number): EventFrames | undefined;
}

export function logFrames(ctx: Context): LogFrames {
  const known = new Map<number, EventFrames>();
  return {
    blockAfter: (seq) => {
      const newest = head(ctx.db).seq;
      if (seq >= newest) return undefined;
      const number = Math.floor(seq / blockSize);
      const last = Math.min(newest, (number + 1) * blockSize);
      const found = known.get(number);
      known.delete(number);
      const isWhole = found?.seqs.at(-1) === last;
      const block = isWhole ? found : framesOf(ctx, eventsAfter(ctx.db, number * blockSize, blockSize));
      known.set(number, block);
      const [oldest] = known.keys();
      if (known.size > maxKnown && oldest !== undefined) known.delete(oldest);
      return block;
    },
  };
}
