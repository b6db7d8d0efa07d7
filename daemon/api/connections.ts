import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '../log.ts';

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/**
 * Limits what a peer can do to the service by connecting. A peer that resets its connection at any moment is logged nowhere
 * and ends nothing. Headers must be complete within `silenceMs`. A body or an answer may take as long as it likes while bytes
 * flow; after `silenceMs` without one the connection is closed. The service may think for as long as it needs.
 */
export function guardConnections(server: Server, log: Logger, silenceMs: number): void {
  const exchanges = new WeakMap<Socket, Exchange>();
  server.headersTimeout = silenceMs;
  // Node's own limit counts from the first byte of a request, and so cuts an upload that makes progress.
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

/** Registers an error listener from a socket's first moment: an `error` event without one ends the process. */
export function destroyOnError(socket: Duplex): void {
  socket.on('error', () => socket.destroy());
}

/** True while the peer waits for us: its request is here, and it has no bytes left to take. */
function isWorking(exchange: Exchange | undefined): boolean {
  if (!exchange || exchange.response.writableFinished) return false;
  const { request, response } = exchange;
  const hasAll = request.complete || request.readableLength > 0;
  return hasAll && response.writableLength === 0;
}
