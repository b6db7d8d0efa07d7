import type { ServerResponse } from 'node:http';

/** Forbids every client to cache an answer or to guess another type. */
export function setCommonHeaders(response: ServerResponse): void {
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('cache-control', 'no-store');
}
