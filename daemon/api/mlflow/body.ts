import type { IncomingMessage } from 'node:http';
import { MlflowError, invalid } from './error-handler.ts';

/** Largest body in bytes. A batch of 1,000 metrics is 200 kB, the profile of a data set up to 16 MB. */
const largest = 20 << 20;

/** Parses the JSON object in a request's body. Invalid JSON counts as an empty object, as in MLflow. */
export async function bodyOf(request: IncomingMessage): Promise<Given> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw invalid(`Bad Request. Content-Type must be 'application/json', not '${type.slice(0, 100)}'.`);
  return parseBody(textOf(await bytesOf(request)));
}

/** Reads a body by events. An async iterator would wait once more for each of a small request's two parts. */
function bytesOf(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      parts.push(part);
      if (size <= largest) return;
      reject(invalid(`The body is larger than ${largest} bytes.`));
      request.destroy();
    });
    request.on('end', () => resolve(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)));
    request.on('error', reject);
    // Every request closes at its end. Creating an error that nobody sees costs as much as reading a small body.
    request.on('close', () => request.complete || reject(new MlflowError('BAD_REQUEST', 'The request broke off.')));
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw invalid('The body is not valid UTF-8.');
  }
}

function parseBody(text: string): Given {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Given) : {};
  } catch {
    return {};
  }
}

/** Marks fields from a query, in which a list with one value has no brackets. */
export const fromQuery = Symbol('query');

/** Fields of a request as sent, not checked yet. */
export type Given = Record<string, unknown> & { readonly [fromQuery]?: true };

/** Parses the fields of a query; a repeated one becomes a list. */
export function queryOf(url: string): Given {
  const raw = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  const query = new URLSearchParams(raw);
  if (query.toString().includes('%EF%BF%BD') && !/%EF%BF%BD/i.test(raw)) throw invalid('The query is not valid UTF-8.');
  const given: [string, string | string[]][] = [];
  for (const key of new Set(query.keys())) {
    const values = query.getAll(key);
    given.push([key, values.length === 1 ? (values[0] ?? '') : values]);
  }
  const fields: Given = Object.fromEntries(given);
  return Object.assign(fields, { [fromQuery]: true });
}
