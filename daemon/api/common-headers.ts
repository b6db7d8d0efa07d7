import type { ServerResponse } from 'node:http';

/** What every answer says, whatever it is: nobody may keep it, or take it for something else. */
export function setCommonHeaders(response: ServerResponse): void {
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('cache-control', 'no-store');
}
