import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Context } from '../context.ts';
import { head, type LoggedEvent } from '../db/log.ts';
import { RegistryError, messageOf } from '../errors.ts';
import { errorStatus } from '../protocol/errors.ts';
import { protocolVersion } from '../protocol/handshake.ts';
import type { StreamMessage } from '../protocol/stream.ts';
import { destroyOnError } from './connections.ts';
import { framesOf, logFrames, textFrame } from './event-frames.ts';
import { streamClient, type SharedStream, type StreamClient } from './stream-client.ts';
import { checkPlace, guardAll, type Admission } from '../access/guard.ts';
import { presentedToken } from '../access/authenticate.ts';
import type { PageSessions } from '../access/page-sessions.ts';

/** Events of one commit up to which clients get them at once. They read more from the log, so that nothing else waits. */
const maxSentAtOnce = 32;
/** WebSocket subprotocol of a page's stream, and the prefix of its ticket among the subprotocols. */
const pageProtocol = 'plinth';
const ticketPrefix = 'ticket.';
const pingEveryMs = 30_000;

/** The WebSocket side: sends every committed event to every client, in order, with resume. */
export interface EventStream {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  committed(events: LoggedEvent[]): void;
  publish(message: StreamMessage): void;
  clients(): number;
  close(): void;
}

export function eventStream(ctx: Context, admission: Admission, pages: PageSessions): EventStream {
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => offered.has(pageProtocol) && pageProtocol,
    maxPayload: 64 * 1024,
    perMessageDeflate: false,
  });
  const clients = new Set<StreamClient>();
  const { identify } = admission;
  const hub: Hub = { ctx, identify, clients, log: logFrames(ctx), mayHear: (client) => mayHear(hub, client) };
  const pinger = setInterval(() => {
    closeInvalid(hub);
    pingAll(clients);
  }, pingEveryMs).unref();
  return {
    upgrade: (request, socket, first) => {
      // Node has removed its own listener: without one, a peer that resets while it is refused would end the process.
      destroyOnError(socket);
      const token = admit(ctx, request, admission, pages);
      if (token instanceof RegistryError) return refuse(socket, token);
      const asked = request.url ?? '';
      server.handleUpgrade(request, socket, first, (webSocket) => greet(hub, webSocket, socket, token, asked));
    },
    committed: (events) => {
      if (clients.size === 0) return;
      closeInvalid(hub);
      const frames = events.length <= maxSentAtOnce ? framesOf(ctx, events) : undefined;
      for (const client of clients) {
        if (frames) client.sendEvents(frames);
        else client.catchUp();
      }
    },
    publish: (message) => {
      if (clients.size === 0) return;
      closeInvalid(hub);
      const frame = textFrame(message);
      for (const client of clients) client.sendMessage(frame);
    },
    clients: () => clients.size,
    close: () => {
      clearInterval(pinger);
      for (const { socket } of clients) socket.close(1001, 'the service is stopping');
      server.close();
    },
  };
}

interface Hub extends SharedStream {
  ctx: Context;
  identify: Admission['identify'];
  clients: Set<StreamClient>;
}

/** Closes the streams of revoked and expired tokens. Called before anything is sent. Looks up each token once. */
function closeInvalid({ identify, clients }: Hub): void {
  const valid = new Map<string, boolean>();
  for (const client of clients) {
    const isValid = valid.get(client.token) ?? identify(client.token) !== undefined;
    valid.set(client.token, isValid);
    if (!isValid) shutOut(clients, client);
  }
}

function shutOut(clients: Set<StreamClient>, client: StreamClient): void {
  clients.delete(client);
  client.socket.close(1008, 'the token is no longer valid');
}

/** Returns the token of a client, or the reason for its refusal. Never throws, as nothing above would catch it. */
function admit(
  ctx: Context,
  request: IncomingMessage,
  admission: Admission,
  pages: PageSessions,
): string | RegistryError {
  try {
    const opener = ticketIn(request, pages);
    if (opener !== undefined) checkPlace(request, admission.hosts);
    else guardAll(request, admission);
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== '/events') return new RegistryError('not-found', 'The stream is at /events.');
    return opener ?? presentedToken(request);
  } catch (error) {
    if (error instanceof RegistryError) return error;
    ctx.log.error('an upgrade failed', { error: messageOf(error) });
    return new RegistryError('internal', 'Internal error; see the log of the service.');
  }
}

/** Returns the token for a page's ticket, which is among its subprotocols because a page cannot send headers with a WebSocket. Undefined for none. */
function ticketIn(request: IncomingMessage, pages: PageSessions): string | undefined {
  const offered = String(request.headers['sec-websocket-protocol'] ?? '').split(/,\s*/);
  const ticket = offered.find((one) => one.startsWith(ticketPrefix));
  return ticket === undefined ? undefined : pages.redeem(ticket.slice(ticketPrefix.length));
}

function refuse(socket: Duplex, refusal: RegistryError): void {
  const status = errorStatus[refusal.code];
  const body = JSON.stringify({ error: { code: refusal.code, message: refusal.message, details: {} } });
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'connection: close', 'content-type: application/json'];
  socket.once('finish', () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/** Greets a client and sends what it missed. `url` has the log and the last event that it knows. */
function greet(hub: Hub, socket: WebSocket, wire: Duplex, token: string, url: string): void {
  const { ctx, clients } = hub;
  const { logId } = ctx.db;
  const now = head(ctx.db).seq;
  const position = positionIn(url, logId, now);
  const known = typeof position === 'number' ? position : now;
  const client = streamClient(hub, { socket, wire, token }, known);
  socket.on('close', () => clients.delete(client));
  socket.on('error', () => socket.terminate());
  socket.on('pong', () => (client.alive = true));
  clients.add(client);
  client.sendMessage(textFrame({ kind: 'hello', logId, seq: now, protocol: protocolVersion }));
  if (position === 'unknown') client.sendMessage(textFrame({ kind: 'resync', logId, seq: now }));
  else client.catchUp();
}

/** Returns the last event that a client knows; `new` if it gave none, `unknown` if it is of another log. */
function positionIn(url: string, logId: string, now: number): number | 'new' | 'unknown' {
  const query = new URL(url, 'http://127.0.0.1').searchParams;
  const after = query.get('after');
  if (after === null) return 'new';
  const position = Number(after);
  const isKnown = query.get('log') === logId && Number.isSafeInteger(position) && position >= 0 && position <= now;
  return isKnown ? position : 'unknown';
}

function mayHear({ identify, clients }: Hub, client: StreamClient): boolean {
  if (identify(client.token) !== undefined) return true;
  shutOut(clients, client);
  return false;
}

function pingAll(clients: Set<StreamClient>): void {
  for (const client of clients) {
    if (!client.alive) client.socket.terminate();
    client.alive = false;
    client.socket.ping();
  }
}
