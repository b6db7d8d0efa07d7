import type { IncomingMessage } from 'node:http';
import { RegistryError } from '../errors.ts';
import type { Rights } from '../protocol/token.ts';
import { presentedToken, tokenNeeded, type Identify } from './authenticate.ts';

/**
 * Decides before any routing whether a request may come in at all, on HTTP and on the upgrade alike, and who it is; null
 * where `isOpen` says that anybody may ask.
 * Throws `invalid-request` (Host), `forbidden` (foreign origin) or `unauthorized` (no token).
 */
export function guard(
  request: IncomingMessage,
  identify: Identify,
  isOpen: (request: IncomingMessage) => boolean = () => false,
): Rights | null {
  checkPlace(request);
  if (isOpen(request)) return null;
  const rights = identify(presentedToken(request));
  if (rights) return rights;
  throw tokenNeeded();
}

/** Whether it comes from this machine's own pages or programs at all. Throws `invalid-request` or `forbidden`. */
export function checkPlace(request: IncomingMessage): void {
  checkHost(request);
  checkOrigin(request);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

/** The Host must be the loopback's literal name, once, with any port: a rebound DNS name never is. */
function checkHost(request: IncomingMessage): void {
  const hosts = request.rawHeaders
    .filter((_, index) => index % 2 === 0)
    .filter((name) => name.toLowerCase() === 'host');
  const host = request.headers.host ?? '';
  const named = /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/.exec(host);
  if (hosts.length === 1 && named) return;
  throw new RegistryError('invalid-request', 'The Host header must be 127.0.0.1 or localhost.', { header: 'host' });
}

function checkOrigin(request: IncomingMessage): void {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const foreignOrigin = origin !== undefined && origin !== `http://${host}`;
  const foreignSite = (site === 'cross-site' || site === 'same-site') && !isOpening(request);
  if (foreignOrigin || foreignSite) throw new RegistryError('forbidden', 'Requests from other sites are refused.');
}

/** A person goes to the empty page, as from the file that `plinth open` writes: it holds nothing, and nobody can frame or read it. */
function isOpening(request: IncomingMessage): boolean {
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = request.headers;
  return request.method === 'GET' && pathOf(request) === '/' && mode === 'navigate' && destination === 'document';
}
