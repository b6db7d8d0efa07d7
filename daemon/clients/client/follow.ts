import { messageOf } from '../../errors.ts';
import { assertProven } from './request.ts';
import type { ServiceAccess } from '../../protocol/handshake.ts';
import { urlOf } from './address.ts';
import type { StreamMessage } from '../../protocol/stream.ts';

/** A follower's position in a log. */
export interface Position {
  logId: string;
  seq: number;
}

export interface FollowOptions {
  /** Finds the service before each attempt; may start it. */
  find: () => Promise<ServiceAccess>;
  onMessage: (message: StreamMessage) => void;
  /** Called at each loss of the connection, with the time until the next attempt, and whether the service closed it deliberately. */
  onLost?: (reason: string, retryMs: number, onPurpose: boolean) => void;
  /** Sends the events after this position first. Absent: only new ones. */
  after?: Position;
  kind?: string;
}

export interface Follower {
  /** Current position; undefined before the first message. */
  position(): Position | undefined;
  /** Stops following. No message comes afterwards. */
  close(): void;
}

const backOffMs = [500, 2000, 8000, 30_000];
const handshakeMs = 5000;
/** Close code of a service that stops (RFC 6455, 7.4.1: going away). */
const goingAway = 1001;

/** Follows the service's event stream by Node's WebSocket, across lost connections and restarts, without missing an event. */
export function follow(options: FollowOptions): Follower {
  let position = options.after;
  let socket: WebSocket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let closed = false;

  const take = (message: StreamMessage): void => {
    if (message.kind === 'hello') failures = 0;
    position = advanced(position, message);
    options.onMessage(message);
  };
  const retry = (reason: string, onPurpose = false): void => {
    if (closed) return;
    const waitMs = backOffMs[Math.min(failures, backOffMs.length - 1)]!;
    failures += 1;
    options.onLost?.(reason, waitMs, onPurpose);
    if (!closed) timer = setTimeout(() => void attempt(), waitMs);
  };
  const attempt = async (): Promise<void> => {
    try {
      const daemon = await options.find();
      await assertProven(daemon);
      if (!closed)
        socket = openSocket(daemon, options.kind ?? 'stream', position, {
          take: (message) => !closed && take(message),
          lost: retry,
        });
    } catch (error) {
      retry(messageOf(error));
    }
  };
  void attempt();
  return {
    position: () => position,
    close: () => {
      closed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}

interface Ends {
  take: (message: StreamMessage) => void;
  lost: (reason: string, onPurpose: boolean) => void;
}

function openSocket(daemon: ServiceAccess, kind: string, after: Position | undefined, ends: Ends): WebSocket {
  const query = after ? `?log=${encodeURIComponent(after.logId)}&after=${after.seq}` : '';
  const headers = { authorization: `Bearer ${daemon.token}`, 'x-plinth-client': kind };
  const socket = new WebSocket(`${urlOf(daemon).replace(/^http/, 'ws')}/events${query}`, { headers });
  let reason = 'the connection ended';
  const tooLong = setTimeout(() => {
    reason = 'the service did not answer';
    socket.close();
  }, handshakeMs);
  socket.addEventListener('open', () => clearTimeout(tooLong));
  socket.addEventListener('message', ({ data }) => ends.take(JSON.parse(String(data)) as StreamMessage));
  socket.addEventListener('error', ({ error }: Event & { error?: unknown }) => {
    if (error !== undefined) reason = messageOf(error);
  });
  socket.addEventListener('close', ({ code }) => {
    clearTimeout(tooLong);
    ends.lost(reason, code === goingAway);
  });
  return socket;
}

/** Returns the position after a message. A greeting sets it only if there is none, as the events after it are still to come. */
function advanced(position: Position | undefined, message: StreamMessage): Position | undefined {
  if (message.kind === 'resync') return { logId: message.logId, seq: message.seq };
  if (message.kind === 'hello') return position ?? { logId: message.logId, seq: message.seq };
  if (message.kind === 'event' && position) return { logId: position.logId, seq: message.event.seq };
  return position;
}
