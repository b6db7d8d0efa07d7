import { RegistryError } from '../errors.ts';
import type { ErrorBody } from '../protocol/errors.ts';
import type { DaemonFile } from '../protocol/handshake.ts';
import type { ReplyOf, RequestOf, Route } from '../protocol/routes.ts';

/** A typed connection to a running daemon. */
export interface Client {
  readonly daemon: DaemonFile;
  /** Throws the daemon's `RegistryError`, or a plain error where it cannot be reached. */
  call<R extends Route>(route: R, request: RequestOf<R>): Promise<ReplyOf<R>>;
}

/** `kind` names the client in the log: `cli`, `vscode`. */
export function connect(daemon: DaemonFile, kind: string): Client {
  const headers = { authorization: `Bearer ${daemon.token}`, 'x-plinth-client': kind };
  return { daemon, call: (route, request) => call(daemon.port, headers, route, request) };
}

async function call<R extends Route>(
  port: number,
  headers: Record<string, string>,
  route: R,
  request: RequestOf<R>,
): Promise<ReplyOf<R>> {
  const [method, template] = route.split(' ') as ['GET' | 'POST', string];
  const rest: Record<string, unknown> = { ...request };
  const path = template.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = textOf(rest[name]);
    delete rest[name];
    return encodeURIComponent(value);
  });
  const url = `http://127.0.0.1:${port}${path}${method === 'GET' ? queryOf(rest) : ''}`;
  const body =
    method === 'GET' ? {} : { body: JSON.stringify(rest), headers: { ...headers, 'content-type': 'application/json' } };
  const response = await fetch(url, { method, headers, ...body });
  const reply = (await response.json()) as unknown;
  if (response.ok) return reply as ReplyOf<R>;
  const { error } = reply as ErrorBody;
  throw new RegistryError(error.code, error.message, error.details);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function queryOf(values: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, textOf(value));
  return query.size === 0 ? '' : `?${query.toString()}`;
}
