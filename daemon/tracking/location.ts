import { checkLength, invalid } from './names.ts';

/** Locations of clients' files: URIs of our store or another one, or folders of the client's machine. */

const longest = 2048;
const scheme = /^[a-z][a-z0-9+.-]*:/i;

/**
 * Checks a location that a client requests. A relative one, a folder of the server for MLflow, becomes a folder of our store.
 * Throws `invalid-request`.
 */
export function checkLocation(location: string): string {
  checkLength(location, 'artifact_location', longest);
  if (location === '') return '';
  if (/^runs:/i.test(location)) throw invalid(`Artifact location cannot be a runs:/ URI. Given: '${location}'`);
  const [path = ''] = location.split('?', 1);
  if (location.includes('#') || (scheme.test(location) && /;[^/]*$/.test(path)))
    throw invalid("'artifact_location' URL can't include fragments or params.");
  if (/(^|[/\\])\.\.([/\\]|$)|%2e%2e|%00|\0/i.test(location)) throw invalid('Invalid path');
  const isElsewhere = scheme.test(location) || /^[/\\]/.test(location);
  if (isElsewhere) return withPath(location, (known) => known.replace(/(?<=[^/:])\/+$/, ''));
  return `mlflow-artifacts:/${location.replace(/^(\.\/)+/, '').replace(/\/+$/, '')}`;
}

/** Returns the URI of something below a location. Its query stays at the end. */
export function belowLocation(location: string, inner: string): string {
  return withPath(location, (path) => `${path.replace(/\/+$/, '')}/${inner}`);
}

function withPath(uri: string, change: (path: string) => string): string {
  const at = uri.indexOf('?');
  return at < 0 ? change(uri) : change(uri.slice(0, at)) + uri.slice(at);
}
