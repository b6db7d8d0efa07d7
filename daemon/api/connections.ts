import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '../log.ts';

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/**
 * Limits the harm that a peer can do by connecting. A reset at any moment neither logs nor ends anything. Headers must be
 * complete within `silenceMs`. A body or a reply may take any time while bytes flow; after `silenceMs` without any, the
 * connection is closed. The service itself may take any time.
 */
export function guardConnections(server: Server, log: Logger, silenceMs: number): void {
  const exchanges = new WeakMap<Socket, Exchange>();
  server.headersTimeout = silenceMs;
  // Node's own limit counts from the first byte of a request, which would cut a long upload that makes progress.
  server.requestTimeout = 0;
  server.setTimeout(silenceMs, (socket: Socket) => {
    if (!isWorking(exchanges.get(socket))) socket.destroy();
  });
  // Without a listener a failed accept (no descriptors left) would end the process.
  server.on('error', (error) => log.warn('a connection could not be accepted', { error: error.message }));
  server.on('connection', destroyOnError);
  server.on('request', (request, response) => {
    exchanges.set(request.socket, { request, response });
    response.on('error', () => response.destroy());
  });
}

/** Adds an error listener to a new socket: an `error` event without one ends the process. */
export function destroyOnError(socket: Duplex): void {
  socket.on('error', () => socket.destroy());
}

/** True while the peer waits for the service: its request has arrived, and it has no bytes left to read. */
function isWorking(exchange: Exchange | undefined): boolean {
  if (!exchange || exchange.response.writableFinished) return false;
  const { request, response } = exchange;
  const hasAll = request.complete || request.readableLength > 0;
  return hasAll && response.writableLength === 0;
}
