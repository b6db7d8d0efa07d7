import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { framesAfter, type EventFrames, type LogFrames } from './event-frames.ts';

/** Unread bytes above which a client gets no message that is not in the log, but is disconnected; it resumes from its position. */
const maxUnreadBytes = 128 * 1024;

/**
 * One client of the stream. For unread events only their position is kept, no bytes: while the connection's buffer is full, the
 * client gets no events; later it gets them from the log.
 */
export interface StreamClient {
  readonly token: string;
  readonly socket: WebSocket;
  /** False after a ping until its answer. */
  alive: boolean;
  /** Sends a message that is not in the log. */
  sendMessage(frame: Buffer): void;
  /** Sends events that were just committed. */
  sendEvents(frames: EventFrames): void;
  /** Sends all missed events from the log in blocks, each after the previous one was accepted. */
  catchUp(): void;
}

/** Data shared by all clients. */
export interface SharedStream {
  log: LogFrames;
  /** Returns whether a client's token is still valid; closes the connection if not. */
  mayHear(client: StreamClient): boolean;
}

interface Connection {
  socket: WebSocket;
  /** Connection below `socket`. Encoded frames are written to it directly, as `ws` would encode a header for each client. */
  wire: Duplex;
  token: string;
}

/** Creates a client. `known` is the last event that it has. */
export function streamClient(
  { log, mayHear }: SharedStream,
  { socket, wire, token }: Connection,
  known: number,
): StreamClient {
  let sent = known;
  let isBehind = false;
  /** Returns false once the connection's buffer is full. */
  const write = (bytes: Buffer): boolean => socket.readyState === socket.OPEN && wire.write(bytes);
  const sendFrames = (frames: EventFrames): boolean => {
    const bytes = framesAfter(frames, sent);
    sent = Math.max(sent, frames.seqs.at(-1) ?? 0);
    return bytes.length === 0 || write(bytes);
  };
  const next = (): void => {
    const block = socket.readyState === socket.OPEN && mayHear(client) ? log.blockAfter(sent) : undefined;
    isBehind = block !== undefined;
    // Other work runs between two blocks, even if the client accepts all at once.
    if (block && sendFrames(block)) setImmediate(next);
    else if (block) wire.once('drain', next);
  };
  const client: StreamClient = {
    token,
    socket,
    alive: true,
    sendMessage: (frame) => {
      if (wire.writableLength > maxUnreadBytes) socket.terminate();
      else write(frame);
    },
    sendEvents: (frames) => {
      if (isBehind || sendFrames(frames)) return;
      isBehind = true;
      wire.once('drain', next);
    },
    catchUp: () => {
      if (!isBehind) next();
    },
  };
  return client;
}
