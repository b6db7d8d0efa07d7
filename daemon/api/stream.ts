import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Context } from '../context.ts';
import { eventsAfter, head, type LoggedEvent } from '../db/log.ts';
import { RegistryError, messageOf } from '../errors.ts';
import { errorStatus } from '../protocol/errors.ts';
import { protocolVersion } from '../protocol/handshake.ts';
import type { StreamMessage } from '../protocol/stream.ts';
import { thinEvent } from '../registry/history.ts';
import { destroyOnError } from './connections.ts';
import { checkPlace, guardAll } from '../access/guard.ts';
import { presentedToken, type Identify } from '../access/authenticate.ts';
import type { PageSessions } from '../access/page-sessions.ts';

/** Unread bytes above which a client is disconnected; it resumes from its position. */
const maxBuffered = 512 * 1024;
/** Events, and approximate bytes, that a resuming client gets in one batch. The next batch follows when it was read. */
const batchSize = 100;
const maxBatchBytes = 64 * 1024;
/** WebSocket subprotocol of a page's stream, and the prefix of its ticket among the subprotocols. */
const pageProtocol = 'plinth';
const ticketPrefix = 'ticket.';
const pingEveryMs = 30_000;

interface Client {
  socket: WebSocket;
  /** Number of the last event that it was sent. */
  sent: number;
  replaying: boolean;
  /** Returns false once its token has been revoked or has expired. */
  isValid: () => boolean;
  alive: boolean;
}

/** The WebSocket side: sends every committed event to every client, in order, with resume. */
export interface EventStream {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  committed(events: LoggedEvent[]): void;
  publish(message: StreamMessage): void;
  clients(): number;
  close(): void;
}

export function eventStream(ctx: Context, identify: Identify, pages: PageSessions): EventStream {
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => offered.has(pageProtocol) && pageProtocol,
    maxPayload: 64 * 1024,
    perMessageDeflate: false,
  });
  const clients = new Set<Client>();
  const pinger = setInterval(() => {
    closeInvalid(clients);
    pingAll(clients);
  }, pingEveryMs).unref();
  return {
    upgrade: (request, socket, first) => {
      // Node has removed its own listener: without one, a peer that resets while it is refused would end the process.
      destroyOnError(socket);
      const token = admit(ctx, request, identify, pages);
      if (token instanceof RegistryError) return refuse(socket, token);
      const isValid = (): boolean => identify(token) !== undefined;
      server.handleUpgrade(request, socket, first, (webSocket) => greet(ctx, clients, webSocket, request, isValid));
    },
    committed: (events) => {
      closeInvalid(clients);
      broadcast(ctx, clients, events);
    },
    publish: (message) => {
      closeInvalid(clients);
      const text = JSON.stringify(message);
      for (const client of clients) send(client, text);
    },
    clients: () => clients.size,
    close: () => {
      clearInterval(pinger);
      for (const { socket } of clients) socket.close(1001, 'the service is stopping');
      server.close();
    },
  };
}

/** Closes the streams of revoked and expired tokens. Called before anything is sent. */
function closeInvalid(clients: Set<Client>): void {
  for (const client of clients) {
    if (client.isValid()) continue;
    clients.delete(client);
    client.socket.close(1008, 'the token is no longer valid');
  }
}

/** Returns the token of a client, or the reason for its refusal. Never throws, as nothing above would catch it. */
function admit(
  ctx: Context,
  request: IncomingMessage,
  identify: Identify,
  pages: PageSessions,
): string | RegistryError {
  try {
    const opener = ticketIn(request, pages);
    if (opener !== undefined) checkPlace(request);
    else guardAll(request, identify);
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

function greet(
  ctx: Context,
  clients: Set<Client>,
  socket: WebSocket,
  request: IncomingMessage,
  isValid: () => boolean,
): void {
  const now = head(ctx.db).seq;
  const query = new URL(request.url ?? '', 'http://127.0.0.1').searchParams;
  const after = query.get('after');
  const client: Client = { socket, sent: now, replaying: false, isValid, alive: true };
  socket.on('close', () => clients.delete(client));
  socket.on('error', () => socket.terminate());
  socket.on('pong', () => (client.alive = true));
  clients.add(client);
  say(client, { kind: 'hello', logId: ctx.db.logId, seq: now, protocol: protocolVersion });
  if (after === null) return;
  const position = Number(after);
  const known = query.get('log') === ctx.db.logId && Number.isSafeInteger(position) && position >= 0 && position <= now;
  if (!known) return say(client, { kind: 'resync', logId: ctx.db.logId, seq: now });
  client.sent = position;
  replay(ctx, client);
}

/** Sends missed events in batches, each after the previous one was read. Live events wait until then. */
function replay(ctx: Context, client: Client): void {
  if (!client.isValid()) return client.socket.close(1008, 'the token is no longer valid');
  const events = eventsAfter(ctx.db, client.sent, batchSize);
  client.replaying = events.length > 0;
  let bytes = 0;
  for (const [index, event] of events.entries()) {
    const text = textOf(ctx, event);
    bytes += text.length;
    client.sent = event.seq;
    if (bytes < maxBatchBytes && index < events.length - 1) client.socket.send(text);
    else return client.socket.send(text, (error) => void (error ?? replay(ctx, client)));
  }
}

function broadcast(ctx: Context, clients: Set<Client>, events: LoggedEvent[]): void {
  if (clients.size === 0) return;
  const texts = events.map((event) => ({ seq: event.seq, text: textOf(ctx, event) }));
  for (const client of clients) {
    if (client.replaying) continue;
    for (const { seq, text } of texts) {
      if (seq <= client.sent) continue;
      send(client, text);
      client.sent = seq;
    }
  }
}

function textOf(ctx: Context, event: LoggedEvent): string {
  const message: StreamMessage = { kind: 'event', event: thinEvent(ctx, event) };
  return JSON.stringify(message);
}

function say(client: Client, message: StreamMessage): void {
  send(client, JSON.stringify(message));
}

function send(client: Client, text: string): void {
  if (client.socket.bufferedAmount > maxBuffered) client.socket.terminate();
  else if (client.socket.readyState === client.socket.OPEN) client.socket.send(text);
}

function pingAll(clients: Set<Client>): void {
  for (const client of clients) {
    if (!client.alive) client.socket.terminate();
    client.alive = false;
    client.socket.ping();
  }
}
