import { protocolVersion, type ProgramVersion, type ServiceAccess } from '../../protocol/handshake.ts';
import { RegistryError } from '../../errors.ts';
import { serviceUrl } from './address.ts';
import { connect, type Client } from './request.ts';
import { jsonOf, send } from './send.ts';
import { Unavailable } from './unavailable.ts';

/**
 * Connects to a service at an address that a person named. Nothing proves who answers there, so the person vouches for it, and
 * the address is on this machine or encrypted. Throws `invalid-request`, or `Unavailable` if no Plinth of this protocol answers.
 */
export async function reachUrl(address: string, token: string | undefined, kind: string): Promise<Client> {
  const url = serviceUrl(address);
  if (token === undefined || token === '')
    throw new RegistryError('invalid-request', `A token is needed for ${url}. Set PLINTH_TOKEN; an admin creates one with: plinth token create`); // prettier-ignore
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new RegistryError('invalid-request', 'PLINTH_TOKEN contains characters that no token has.');
  const unknown: ServiceAccess = { url, port: 0, token, protocol: protocolVersion, version: '' };
  const { protocol, version } = await programAt(unknown);
  return connect({ ...unknown, protocol, version }, kind);
}

/** Asks for the program's version, without a token. */
async function programAt(service: ServiceAccess): Promise<{ protocol: number; version: string }> {
  const reply = await send(service, 'GET', '/version', { accept: 'application/json' });
  const { version, protocol } = jsonOf(reply, service) as Partial<ProgramVersion>;
  if (typeof version !== 'string') throw new Unavailable(`the program at ${service.url} is not a Plinth service`);
  if (protocol === protocolVersion) return { protocol, version };
  const spoken = protocol === undefined ? 'an older protocol' : `protocol ${protocol}`;
  throw new Unavailable(
    `Plinth ${version} at ${service.url} speaks ${spoken} where this program speaks ${protocolVersion}; use the same version at both ends`,
  );
}
