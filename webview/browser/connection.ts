import { RegistryError } from '../../daemon/errors.ts';
import type { ErrorBody } from '../../daemon/protocol/errors.ts';
import type { ReplyOf, RequestOf, Route } from '../../daemon/protocol/routes.ts';
import { decodePoints, pointsCountHeader, pointsTotalHeader, type Points } from '../../daemon/protocol/series.ts';
import { roles, type Role } from '../../daemon/protocol/token.ts';
import type { StreamMessage } from '../../daemon/protocol/stream.ts';

/** The service does not answer, or does not know this page (any more). */
export class Away extends Error {}

interface Entered {
  token: string;
  owner: string;
  role: Role;
}

let entered: Entered | undefined;

/** Trades the one-time code for a token that lives as long as the page. Throws what the service says. */
export async function enter(code: string): Promise<void> {
  const response = await send('POST', '/pages/session', { code });
  entered = (await response.json()) as Entered;
  window.dispatchEvent(new Event('plinth-entered'));
}

/** Whoever opened the page, as `bo · approver`; empty before it was let in. */
export function speaker(): string {
  return entered ? `${entered.owner} · ${entered.role}` : '';
}

/** Whether whoever opened the page may do what takes this role. */
export function isAtLeast(role: Role): boolean {
  return entered !== undefined && roles.indexOf(entered.role) >= roles.indexOf(role);
}

export function hasEntered(): boolean {
  return entered !== undefined;
}

/** Asks the service. Throws its `RegistryError`, or `Away`. */
export async function call<R extends Route>(route: R, request: RequestOf<R>): Promise<ReplyOf<R>> {
  const [method, template] = route.split(' ') as ['GET' | 'POST', string];
  const rest: Record<string, unknown> = { ...request };
  const path = template.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = String(rest[name]);
    delete rest[name];
    return encodeURIComponent(value);
  });
  const response = await send(
    method,
    method === 'GET' ? path + queryOf(rest) : path,
    method === 'GET' ? undefined : rest,
  );
  return (await response.json()) as ReplyOf<R>;
}

export async function readPoints(versions: readonly string[], metric: string, points: number): Promise<Points[]> {
  const response = await send('GET', `/series/points${queryOf({ versions: versions.join(','), metric, points })}`);
  const [counts, totals] = [response.headers.get(pointsCountHeader), response.headers.get(pointsTotalHeader)];
  return decodePoints(new Uint8Array(await response.arrayBuffer()), counts ?? '', totals ?? '');
}

async function send(method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { 'x-plinth-client': 'page' };
  if (entered) headers['authorization'] = `Bearer ${entered.token}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const init: RequestInit = { method, headers, credentials: 'omit', cache: 'no-store' };
  if (body !== undefined) init.body = JSON.stringify(body);
  const response = await fetch(path, init).catch(() => {
    throw new Away('The registry service does not answer. This page comes back by itself when it does.');
  });
  if (response.ok) return response;
  const { error } = (await response.json()) as ErrorBody;
  if (error.code === 'unauthorized') throw new Away('Session expired. Run `plinth open` again.');
  throw new RegistryError(error.code, error.message, error.details);
}

function queryOf(values: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) query.set(name, `${value as string | number | boolean}`);
  return query.size === 0 ? '' : `?${query.toString()}`;
}

const retryMs = 2000;

/** Hears the stream, again and again: `back` is told when it begins, `lost` when it breaks off. */
export async function listen(
  hear: (message: StreamMessage) => void,
  back: () => void,
  lost: () => void,
): Promise<void> {
  for (;;) {
    await once(hear, back).catch(() => undefined);
    lost();
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

async function once(hear: (message: StreamMessage) => void, back: () => void): Promise<void> {
  const response = await send('POST', '/pages/ticket', {});
  const { ticket } = (await response.json()) as { ticket: string };
  const socket = new WebSocket(`ws://${location.host}/events`, ['plinth', `ticket.${ticket}`]);
  socket.addEventListener('open', back);
  socket.addEventListener('message', ({ data }: MessageEvent<string>) => hear(JSON.parse(data) as StreamMessage));
  await new Promise((resolve) => socket.addEventListener('close', resolve));
}
