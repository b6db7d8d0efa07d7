import type { ServerResponse } from 'node:http';

/** Forbids clients to cache a reply or to guess its type. */
export function setCommonHeaders(response: ServerResponse): void {
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('cache-control', 'no-store');
}
