import type { IncomingMessage } from 'node:http';
import { RegistryError } from '../errors.ts';
import type { Rights } from '../protocol/token.ts';
import { presentedToken, tokenNeeded, type Identify } from './authenticate.ts';

/** Who is let in: by token, and by the names under which a reverse proxy passes requests on. */
export interface Admission {
  identify: Identify;
  /** Exact values of Host besides those of the loopback, in lower case. */
  hosts: ReadonlySet<string>;
}

/**
 * Decides before routing whether a request is accepted, for HTTP and the WebSocket upgrade, and returns its rights; null for an
 * open route. Throws `invalid-request` (Host), `forbidden` (foreign origin) or `unauthorized` (no token).
 */
export function guard(
  request: IncomingMessage,
  { identify, hosts }: Admission,
  isOpen: (request: IncomingMessage) => boolean,
): Rights | null {
  checkPlace(request, hosts);
  return isOpen(request) ? null : identified(request, identify);
}

/** Like `guard`, without open routes. */
export function guardAll(request: IncomingMessage, { identify, hosts }: Admission): Rights {
  checkPlace(request, hosts);
  return identified(request, identify);
}

function identified(request: IncomingMessage, identify: Identify): Rights {
  const rights = identify(presentedToken(request));
  if (rights) return rights;
  throw tokenNeeded();
}

/** Throws `invalid-request` or `forbidden` for requests of foreign pages and hosts. */
export function checkPlace(request: IncomingMessage, hosts: ReadonlySet<string>): void {
  checkHost(request, hosts);
  checkOrigin(request, hosts);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

/**
 * Throws unless Host is the loopback's literal name, once, with any port, or exactly a name of PLINTH_HOSTS. A rebound DNS name
 * never is.
 */
function checkHost(request: IncomingMessage, named: ReadonlySet<string>): void {
  const { headers, rawHeaders } = request;
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]?.toLowerCase() === 'host') hosts += 1;
  const host = headers.host ?? '';
  // A proxy that replaces Host says here which name the client used.
  const original = headers['x-forwarded-host'];
  const isNamed = original === undefined || named.has(String(original).toLowerCase());
  const isKnown = /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/.test(host) || named.has(host.toLowerCase());
  if (hosts === 1 && isKnown && isNamed) return;
  const text = 'The Host header must be 127.0.0.1 or localhost, or a name in PLINTH_HOSTS of the service.';
  throw new RegistryError('invalid-request', text, { header: 'host' });
}

function checkOrigin(request: IncomingMessage, hosts: ReadonlySet<string>): void {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const isProxied = hosts.has((host ?? '').toLowerCase()) && origin?.toLowerCase() === `https://${host?.toLowerCase()}`;
  const foreignOrigin = origin !== undefined && origin !== `http://${host}` && !isProxied;
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
