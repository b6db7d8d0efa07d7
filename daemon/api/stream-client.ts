import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { framesAfter, type EventFrames, type LogFrames } from './event-frames.ts';

/** A client that leaves more than this unread of what is in no log is cut; it resumes where it was. */
const maxUnreadBytes = 128 * 1024;

/**
 * One client of the stream. What it has not taken is kept as a number, not as bytes: while its connection is full it gets no
 * events, and after that it reads them from the log.
 */
export interface StreamClient {
  readonly token: string;
  readonly socket: WebSocket;
  /** False from a ping until it is answered. */
  alive: boolean;
  /** Sends what no log holds. */
  say(frame: Buffer): void;
  /** Sends events that were committed just now. */
  tell(frames: EventFrames): void;
  /** Sends everything that it does not know, block by block, each when the one before is taken. */
  catchUp(): void;
}

/** What all clients have in common. */
export interface SharedStream {
  log: LogFrames;
  /** Whether a client may still hear anything; closes its connection where not. */
  mayHear(client: StreamClient): boolean;
}

interface Connection {
  socket: WebSocket;
  /** What `socket` speaks over. Frames are written to it as they are: `ws` would make a header of its own for every client. */
  wire: Duplex;
  token: string;
}

/** `known` is the last event that it knows. */
export function streamClient(
  { log, mayHear }: SharedStream,
  { socket, wire, token }: Connection,
  known: number,
): StreamClient {
  let sent = known;
  let isBehind = false;
  /** Returns true while the connection takes more. */
  const write = (bytes: Buffer): boolean => socket.readyState === socket.OPEN && wire.write(bytes);
  const tell = (frames: EventFrames): boolean => {
    const bytes = framesAfter(frames, sent);
    sent = Math.max(sent, frames.seqs.at(-1) ?? 0);
    return bytes.length === 0 || write(bytes);
  };
  const next = (): void => {
    const block = socket.readyState === socket.OPEN && mayHear(client) ? log.blockAfter(sent) : undefined;
    isBehind = block !== undefined;
    // Others have their turn in between, even where the client takes all at once.
    if (block && tell(block)) setImmediate(next);
    else if (block) wire.once('drain', next);
  };
  const client: StreamClient = {
    token,
    socket,
    alive: true,
    say: (frame) => {
      if (wire.writableLength > maxUnreadBytes) socket.terminate();
      else write(frame);
    },
    tell: (frames) => {
      if (isBehind || tell(frames)) return;
      isBehind = true;
      wire.once('drain', next);
    },
    catchUp: () => {
      if (!isBehind) next();
    },
  };
  return client;
}
