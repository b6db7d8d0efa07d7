import { RegistryError } from '../../errors.ts';
import type { ServiceAccess } from '../../protocol/handshake.ts';

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Checks an address that a person named and returns it without a slash at its end. Throws `invalid-request` for anything but an
 * http(s) address, and for one to which a token would be sent unencrypted.
 */
export function serviceUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '')
    throw new RegistryError('invalid-request', 'PLINTH_URL and --url take an address such as http://127.0.0.1:8080.');
  if (url.username !== '' || url.password !== '')
    throw new RegistryError('invalid-request', 'An address contains no user and password. Set PLINTH_TOKEN instead.');
  if (url.protocol === 'http:' && !loopback.has(url.hostname)) {
    const text = `The address must begin with https:// for ${url.hostname}, because the token would be sent unencrypted.`;
    throw new RegistryError(
      'invalid-request',
      `${text} Or use an SSH tunnel: ssh -L 8080:127.0.0.1:PORT ${url.hostname}`,
    );
  }
  return url.href.replace(/\/+$/, '');
}

/** Returns the address of a service, without a slash at its end. */
export function urlOf({ url, port }: Pick<ServiceAccess, 'url' | 'port'>): string {
  return url ?? `http://127.0.0.1:${port}`;
}

/** Names a service in messages. */
export function nameOf({ url, port }: Pick<ServiceAccess, 'url' | 'port'>): string {
  return url === undefined ? `the registry service on port ${port}` : `the Plinth service at ${url}`;
}
