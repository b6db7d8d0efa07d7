import type { Span } from './span.ts';

/** Where a word before the `@` is a user of a protocol and no secret. */
const namesUser = /^(?:ssh|git|git\+ssh|svn\+ssh|sftp|rsync)$/i;
/** Databases and brokers, in whose addresses a password may hold any letter, `/` among them. */
const database =
  /^(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|oracle|snowflake|clickhouse|cockroachdb|trino|presto|nats|kafka|ldaps?|smtps?|imaps?|ftps?)(?:\+[\w.]+)?$/i;
const longest = 1000;

/** Who signs in by an address: `https://user:word@host`, or a token in the user's place. The address itself stays. */
export function credentialsInUrls(text: string): Span[] {
  const found: Span[] = [];
  for (let at = text.indexOf('://'); at !== -1; at = text.indexOf('://', at + 3)) {
    const scheme = /[A-Za-z][A-Za-z0-9+.]*$/.exec(text.slice(Math.max(0, at - 40), at))?.[0];
    if (scheme === undefined) continue;
    const start = at + 3;
    const end = userEnd(scheme, wordAt(text, start));
    if (end > 0) found.push({ start, end: start + end, by: '' });
  }
  return found;
}

/** Reads up to a space, a quote or the next address. */
function wordAt(text: string, start: number): string {
  const part = text.slice(start, start + longest);
  const end = part.search(/[\s"'`<>]|:\/\//);
  return end === -1 ? part : part.slice(0, end);
}

/** How many letters of the address tell who signs in, with the `@`; 0 for none. */
function userEnd(scheme: string, address: string): number {
  const host = address.search(/[/?#]/);
  const authority = host === -1 ? address : address.slice(0, host);
  const at = authority.lastIndexOf('@');
  if (at !== -1) return namesUser.test(scheme) && !authority.slice(0, at).includes(':') ? 0 : at + 1;
  const port = /:([^:]*)$/.exec(authority)?.[1];
  const isPassword = port !== undefined && !/^\d{0,5}$/.test(port) && !authority.startsWith('[');
  return database.test(scheme) || isPassword ? address.lastIndexOf('@') + 1 : 0;
}
