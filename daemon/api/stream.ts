import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Context } from '../context.ts';
import { eventsAfter, head, type LoggedEvent } from '../db/log.ts';
import { RegistryError } from '../errors.ts';
import { errorStatus } from '../protocol/errors.ts';
import { protocolVersion } from '../protocol/handshake.ts';
import type { Rights } from '../protocol/rules.ts';
import type { StreamMessage } from '../protocol/stream.ts';
import { thinEvent } from '../registry/history.ts';
import { checkPlace, guard } from './guard.ts';
import type { Identify } from './identity.ts';
import type { PageSessions } from './sessions.ts';

/** A client with more than this unread is cut; it resumes where it was. */
const mostBuffered = 512 * 1024;
const batchSize = 200;
/** What a page's stream speaks, and what its ticket stands behind. */
const pageProtocol = 'plinth';
const ticketPrefix = 'ticket.';
const pingEveryMs = 30_000;

interface Client {
  socket: WebSocket;
  /** The last event it was sent. */
  sent: number;
  replaying: boolean;
  /** Id of its token; null of the local user's. */
  token: string | null;
  alive: boolean;
}

/** The WebSocket side: every committed event to every client, in order, with resume. */
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
  const pinger = setInterval(() => pingAll(clients), pingEveryMs).unref();
  return {
    upgrade: (request, socket, first) => {
      const entry = admitted(request, identify, pages);
      if (entry instanceof RegistryError) return refuse(socket, entry);
      server.handleUpgrade(request, socket, first, (webSocket) => greet(ctx, clients, webSocket, request, entry.token));
    },
    committed: (events) => {
      closeRevoked(clients, events);
      broadcast(ctx, clients, events);
    },
    publish: (message) => {
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

/** Whoever has a token that was revoked hears nothing more. */
function closeRevoked(clients: ReadonlySet<Client>, events: readonly LoggedEvent[]): void {
  const revoked = events.flatMap((event) => (event.type === 'token.revoked/1' ? event.body.id : []));
  for (const { token, socket } of clients)
    if (token !== null && revoked.includes(token)) socket.close(1008, 'the token was revoked');
}

/** The id of the token that lets a client in, null of the local user; else why it stays outside. */
function admitted(
  request: IncomingMessage,
  identify: Identify,
  pages: PageSessions,
): { token: string | null } | RegistryError {
  try {
    const opener = ticketIn(request, pages);
    if (opener) checkPlace(request);
    const rights = opener ?? guard(request, identify);
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== '/events') return new RegistryError('not-found', 'the stream is at /events');
    return { token: rights?.token ?? null };
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
}

/** A page cannot send a header with its stream: it sends a ticket among the protocols it offers. */
function ticketIn(request: IncomingMessage, pages: PageSessions): Rights | undefined {
  const offered = String(request.headers['sec-websocket-protocol'] ?? '').split(/,\s*/);
  const ticket = offered.find((one) => one.startsWith(ticketPrefix));
  return ticket === undefined ? undefined : pages.redeem(ticket.slice(ticketPrefix.length));
}

function refuse(socket: Duplex, refusal: RegistryError): void {
  const status = errorStatus[refusal.code];
  const body = JSON.stringify({ error: { code: refusal.code, message: refusal.message, details: {} } });
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'connection: close', 'content-type: application/json'];
  socket.end(`${lines.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function greet(
  ctx: Context,
  clients: Set<Client>,
  socket: WebSocket,
  request: IncomingMessage,
  token: string | null,
): void {
  const now = head(ctx.db).seq;
  const query = new URL(request.url ?? '', 'http://127.0.0.1').searchParams;
  const after = query.get('after');
  const client: Client = { socket, sent: now, replaying: false, token, alive: true };
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

/** Sends what the client missed, a batch at a time, each when the one before is gone; live events wait until it caught up. */
function replay(ctx: Context, client: Client): void {
  const events = eventsAfter(ctx.db, client.sent, batchSize);
  client.replaying = events.length > 0;
  const last = events.at(-1);
  if (!last) return;
  client.sent = last.seq;
  const texts = events.map((event) => textOf(ctx, event));
  texts.slice(0, -1).forEach((text) => client.socket.send(text));
  client.socket.send(texts.at(-1) ?? '', (error) => {
    if (!error) replay(ctx, client);
  });
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
  if (client.socket.bufferedAmount > mostBuffered) client.socket.terminate();
  else if (client.socket.readyState === client.socket.OPEN) client.socket.send(text);
}

function pingAll(clients: Set<Client>): void {
  for (const client of clients) {
    if (!client.alive) client.socket.terminate();
    client.alive = false;
    client.socket.ping();
  }
}
