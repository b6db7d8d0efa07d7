import { messageOf, RegistryError } from '../../daemon/errors.ts';
import type { ErrorBody } from '../../daemon/protocol/errors.ts';
import type { ReportRef } from '../../daemon/protocol/lineage.ts';
import type { ReplyOf, RequestOf, Route } from '../../daemon/protocol/routes.ts';
import { httpRequestOf, queryOf } from '../../daemon/shared/http-request.ts';
import { decodePoints, pointsCountHeader, pointsTotalHeader, type Points } from '../../daemon/protocol/series.ts';
import { roles, type Role } from '../../daemon/protocol/token.ts';
import type { StreamMessage } from '../../daemon/protocol/stream.ts';

const noAnswer = 'The registry service does not answer. This page comes back by itself when it does.';

/** Thrown when the service does not answer, or does not know this page (any more). */
export class Away extends Error {}

interface Entered {
  token: string;
  owner: string;
  role: Role;
}

let entered: Entered | undefined;

/** Exchanges the one-time code for a token that is valid as long as the page. Throws the service's refusal. */
export async function enter(code: string): Promise<void> {
  const response = await send('POST', '/pages/session', { code });
  entered = (await response.json()) as Entered;
  window.dispatchEvent(new Event('plinth-entered'));
}

/** Returns the user who opened the page, as `bo · approver`; empty before the page has a token. */
export function speaker(): string {
  return entered ? `${entered.owner} · ${entered.role}` : '';
}

/** True when the user who opened the page may do what needs this role. */
export function isAtLeast(role: Role): boolean {
  return entered !== undefined && roles.indexOf(entered.role) >= roles.indexOf(role);
}

/** Sends a request to the service. Throws its `RegistryError`, or `Away`. */
export async function call<R extends Route>(route: R, request: RequestOf<R>): Promise<ReplyOf<R>> {
  const { method, path, body } = httpRequestOf(route, request);
  const response = await send(method, path, body);
  return (await response.json()) as ReplyOf<R>;
}

export async function readPoints(versions: readonly string[], metric: string, points: number): Promise<Points[]> {
  const response = await send('GET', `/series/points${queryOf({ versions: versions.join(','), metric, points })}`);
  const [counts, totals] = [response.headers.get(pointsCountHeader), response.headers.get(pointsTotalHeader)];
  return decodePoints(new Uint8Array(await response.arrayBuffer()), counts ?? '', totals ?? '');
}

/** Reads a stored picture or report of a version. */
export async function readReport({ model, version, path }: ReportRef): Promise<{ type: string; bytes: Uint8Array }> {
  const of = `/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}/report`;
  const response = await send('GET', `${of}${queryOf({ path })}`);
  const type = (response.headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
  return { type, bytes: new Uint8Array(await response.arrayBuffer()) };
}

/** Reads a file of a version. The service verifies it while it sends, and breaks off if it is damaged. */
export async function readFile({ model, version, path }: ReportRef): Promise<Blob> {
  const parts = ['models', model, 'versions', version, 'files', ...path.split('/')].map(encodeURIComponent);
  const response = await send('GET', `/${parts.join('/')}`);
  return response.blob().catch(() => {
    throw new RegistryError('damaged', `${path} did not arrive whole. Nothing was saved; try again.`);
  });
}

/** Opens a report in a window of its own, which cannot reach this one. */
export async function openReport(of: ReportRef): Promise<void> {
  const response = await send('POST', '/pages/report', of);
  const { path } = (await response.json()) as { path: string };
  window.open(path, '_blank', 'noopener,noreferrer');
}

async function send(method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { 'x-plinth-client': 'page' };
  if (entered) headers['authorization'] = `Bearer ${entered.token}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const init: RequestInit = { method, headers, credentials: 'omit', cache: 'no-store' };
  if (body !== undefined) init.body = JSON.stringify(body);
  const response = await fetch(path, init).catch(() => {
    throw new Away(noAnswer);
  });
  if (response.ok) return response;
  const { error } = (await response.json()) as ErrorBody;
  if (error.code === 'unauthorized') throw new Away('Session expired. Run `plinth open` again.');
  throw new RegistryError(error.code, error.message, error.details);
}

const retryMs = 2000;

/** Follows the stream and reconnects without end. Calls `opened` each time the stream begins, and `lost` with the reason when it ends. */
export async function listen(
  follow: (message: StreamMessage) => void,
  opened: () => void,
  lost: (reason: string) => void,
): Promise<void> {
  for (;;) {
    lost(await followOnce(follow, opened).then(() => noAnswer, messageOf));
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

async function followOnce(follow: (message: StreamMessage) => void, opened: () => void): Promise<void> {
  const response = await send('POST', '/pages/ticket', {});
  const { ticket } = (await response.json()) as { ticket: string };
  const socket = new WebSocket(`ws://${location.host}/events`, ['plinth', `ticket.${ticket}`]);
  socket.addEventListener('open', opened);
  socket.addEventListener('message', ({ data }: MessageEvent<string>) => follow(JSON.parse(data) as StreamMessage));
  await new Promise((resolve) => socket.addEventListener('close', resolve));
}
