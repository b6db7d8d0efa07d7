import type { RequestOf, Route } from '../protocol/routes.ts';

/** An HTTP request. */
export interface HttpRequest {
  method: 'GET' | 'POST';
  /** Path with the query. */
  path: string;
  /** Absent for a GET. */
  body?: Record<string, unknown>;
}

/** Fills the fields of a request into its route's path. The others become the query of a GET or the body of a POST. */
export function httpRequestOf<R extends Route>(route: R, request: RequestOf<R>): HttpRequest {
  const [method, template] = route.split(' ') as ['GET' | 'POST', string];
  const rest: Record<string, unknown> = { ...request };
  const path = template.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = String(rest[name]);
    delete rest[name];
    return encodeURIComponent(value);
  });
  return method === 'GET' ? { method, path: path + queryOf(rest) } : { method, path, body: rest };
}

/** Returns the query of a URL with its question mark; empty without values. */
export function queryOf(values: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) query.set(name, `${value as string | number | boolean}`);
  return query.size === 0 ? '' : `?${query.toString()}`;
}
