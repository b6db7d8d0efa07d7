import type { IncomingMessage } from 'node:http';
import { openPages } from './pages.ts';
import { RegistryError } from '../errors.ts';
import type { Rights } from '../protocol/rules.ts';
import type { Identify } from './identity.ts';

/** What a request may do: `open` routes need no token. */
const openPaths = new Set(['/health', '/version', ...openPages]);

/**
 * Decides before any routing whether a request may come in at all, on HTTP and on the upgrade alike, and who it is; null
 * where anybody may ask.
 * Throws `invalid-request` (Host), `forbidden` (foreign origin) or `unauthorized` (no token).
 */
export function guard(request: IncomingMessage, identify: Identify): Rights | null {
  checkPlace(request);
  if (openPaths.has(pathOf(request))) return null;
  const given = presented(request.headers.authorization);
  const rights = given === undefined ? undefined : identify(given);
  if (rights) return rights;
  throw new RegistryError(
    'unauthorized',
    'a token is needed; clients on this machine read it from daemon.json in the data folder',
  );
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
  throw new RegistryError('invalid-request', 'the Host header must name 127.0.0.1 or localhost');
}

function checkOrigin(request: IncomingMessage): void {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const foreignOrigin = origin !== undefined && origin !== `http://${host}`;
  const foreignSite = site === 'cross-site' || site === 'same-site';
  if (foreignOrigin || foreignSite) throw new RegistryError('forbidden', 'requests from other sites are refused');
}

/** Bearer, or Basic with any user. */
function presented(header: string | undefined): string | undefined {
  const bearer = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(header ?? '');
  if (bearer) return bearer[1];
  const basic = /^Basic ([A-Za-z0-9+/=]{1,400})$/i.exec(header ?? '');
  if (!basic?.[1]) return undefined;
  const pair = Buffer.from(basic[1], 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}
