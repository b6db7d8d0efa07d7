import type { Span } from './span.ts';

/** Protocols whose word before the `@` is a user, not a secret. */
const namesUser = /^(?:ssh|git|git\+ssh|svn\+ssh|sftp|rsync)$/i;
/** Protocols of databases and brokers, in whose URLs a password may contain any character, even `/`. */
const database =
  /^(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|oracle|snowflake|clickhouse|cockroachdb|trino|presto|nats|kafka|ldaps?|smtps?|imaps?|ftps?)(?:\+[\w.]+)?$/i;
const longest = 1000;

/** Finds the credentials in URLs: `https://user:word@host`, or a token in the user's place. The rest of a URL stays. */
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

/** Returns the text up to a space, a quote or the next URL. */
function wordAt(text: string, start: number): string {
  const part = text.slice(start, start + longest);
  const end = part.search(/[\s"'`<>]|:\/\//);
  return end === -1 ? part : part.slice(0, end);
}

/** Returns the length of the credentials in a URL, `@` included; 0 for none. */
function userEnd(scheme: string, address: string): number {
  const host = address.search(/[/?#]/);
  const authority = host === -1 ? address : address.slice(0, host);
  const at = authority.lastIndexOf('@');
  if (at !== -1) return namesUser.test(scheme) && !authority.slice(0, at).includes(':') ? 0 : at + 1;
  const port = /:([^:]*)$/.exec(authority)?.[1];
  const isPassword = port !== undefined && !/^\d{0,5}$/.test(port) && !authority.startsWith('[');
  return database.test(scheme) || isPassword ? address.lastIndexOf('@') + 1 : 0;
}
