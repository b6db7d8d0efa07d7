import type { IncomingMessage } from 'node:http';
import { RegistryError } from '../errors.ts';
import type { Rights } from '../protocol/token.ts';
import { presentedToken, tokenNeeded, type Identify } from './authenticate.ts';

/**
 * Decides before routing whether a request is accepted, for HTTP and the WebSocket upgrade, and returns its rights; null for an
 * open route. Throws `invalid-request` (Host), `forbidden` (foreign origin) or `unauthorized` (no token).
 */
export function guard(
  request: IncomingMessage,
  identify: Identify,
  isOpen: (request: IncomingMessage) => boolean,
): Rights | null {
  checkPlace(request);
  return isOpen(request) ? null : identified(request, identify);
}

/** Like `guard`, without open routes. */
export function guardAll(request: IncomingMessage, identify: Identify): Rights {
  checkPlace(request);
  return identified(request, identify);
}

function identified(request: IncomingMessage, identify: Identify): Rights {
  const rights = identify(presentedToken(request));
  if (rights) return rights;
  throw tokenNeeded();
}

/** Throws `invalid-request` or `forbidden` for requests of foreign pages and hosts. */
export function checkPlace(request: IncomingMessage): void {
  checkHost(request);
  checkOrigin(request);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

/** Throws unless Host is the loopback's literal name, once, with any port. A rebound DNS name never is. */
function checkHost(request: IncomingMessage): void {
  const { headers, rawHeaders } = request;
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]?.toLowerCase() === 'host') hosts += 1;
  if (hosts === 1 && /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/.test(headers.host ?? '')) return;
  throw new RegistryError('invalid-request', 'The Host header must be 127.0.0.1 or localhost.', { header: 'host' });
}

function checkOrigin(request: IncomingMessage): void {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const foreignOrigin = origin !== undefined && origin !== `http://${host}`;
  const foreignSite = (site === 'cross-site' || site === 'same-site') && !isOpening(request);
  if (foreignOrigin || foreignSite) throw new RegistryError('forbidden', 'Requests from other sites are refused.');
}

/**
 * True for a navigation to the empty page, as from the file that `plinth open` writes. The page holds no data, and no other page
 * can frame or read it.
 */
function isOpening(request: IncomingMessage): boolean {
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = request.headers;
  return request.method === 'GET' && pathOf(request) === '/' && mode === 'navigate' && destination === 'document';
}
