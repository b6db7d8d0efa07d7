import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { RegistryError } from '../errors.ts';

/** Addresses that are no public unicast: a request to them could reach what only this machine or its network may. */
const special = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  // prettier-ignore
  special.addSubnet(network, bits, 'ipv4');
/** Only global unicast is public in IPv6, and of it not what embeds an IPv4 address or is for documentation. */
const publicIpv6 = new BlockList();
publicIpv6.addSubnet('2000::', 3, 'ipv6');
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  // prettier-ignore
  special.addSubnet(network, bits, 'ipv6');

/** Networks of this machine and of organisations, which a person may allow. Never the others, such as those where clouds keep credentials. */
const permissible = new BlockList();
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
] as const)
  // prettier-ignore
  permissible.addSubnet(network, bits, 'ipv4');
permissible.addAddress('::1', 'ipv6');
permissible.addSubnet('fc00::', 7, 'ipv6');

/** True for an address of this machine or of a private network. */
export function isPrivate(address: string): boolean {
  return permissible.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Returns an address without the parts in which chat services keep their secret. */
export function shownAddress(text: string): string {
  const { origin, pathname, search } = new URL(text);
  const [first = '', ...rest] = pathname.slice(1).split('/');
  if (rest.length === 0 && first.length <= 20 && search === '') return `${origin}/${first}`;
  return rest.length === 0 ? `${origin}/…` : `${origin}/${first}/…`;
}

/** True for an address that anybody on the internet has. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !special.check(address, 'ipv4');
  return family === 6 && publicIpv6.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Checks the address of a webhook as a person gives it. Throws `invalid-request`. */
export function checkWebhookUrl(text: string, allowPrivate: boolean): string {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new RegistryError('invalid-request', 'A webhook has an address such as https://hooks.example/plinth.');
  if (url.username !== '' || url.password !== '')
    throw new RegistryError('invalid-request', 'The address of a webhook contains no user and password.');
  if (url.protocol === 'http:' && !(allowPrivate && loopback.has(url.hostname)))
    throw new RegistryError('invalid-request', 'The address of a webhook must begin with https://, but for a program on this machine that is allowed with --allow-private.'); // prettier-ignore
  return url.href;
}

/** A host and the one address that a request to it uses. */
export interface PinnedAddress {
  address: string;
  family: 4 | 6;
}

/**
 * Resolves a host once. The request then uses this address, so that a name that changes between the check and the request leads
 * nowhere else. Throws `forbidden` if it may be in a private range, and the error of the look-up.
 */
export async function pinAddress(hostname: string, allowPrivate: boolean): Promise<PinnedAddress> {
  const bare = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(bare);
  const found = family === 0 ? await lookup(bare, { all: true }) : [{ address: bare, family }];
  const refused = found.find(({ address }) => !isPublic(address) && !(allowPrivate && isPrivate(address)));
  if (refused && !isPrivate(refused.address))
    throw new RegistryError('forbidden', `${bare} leads to ${refused.address}, which is never called by a webhook.`);
  if (refused)
    throw new RegistryError('forbidden', `${bare} leads to ${refused.address}, which is in a private range. Allow it with: plinth webhook add --allow-private`); // prettier-ignore
  const [first] = found;
  if (!first) throw new Error(`${bare} has no address`);
  return { address: first.address, family: first.family === 6 ? 6 : 4 };
}
