import { request as httpRequest, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { RegistryError, messageOf, systemCode } from '../../errors.ts';
import type { ErrorBody } from '../../protocol/errors.ts';
import type { ServiceAccess } from '../../protocol/handshake.ts';
import { nameOf, urlOf } from './address.ts';
import { Unavailable } from './unavailable.ts';

export type Headers = Record<string, string>;

export interface Reply {
  status: number;
  bytes: Buffer;
  headers: IncomingHttpHeaders;
}

/** Writes a body to a request, as far as it is read. */
export type WriteBody = (request: ClientRequest) => Promise<void>;

/** Time limit for reaching a service on another machine. */
const connectWithinMs = 10_000;

/** Sends a request with a JSON body or none, and reads the whole reply. Throws `Unavailable`. */
export async function send(
  service: ServiceAccess,
  method: string,
  path: string,
  headers: Headers,
  body?: string,
): Promise<Reply> {
  const ofBody = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body ?? '')) };
  const response = await open(service, method, path, body === undefined ? headers : { ...headers, ...ofBody }, body);
  return replyOf(service, response);
}

/** Reads a whole reply. Throws `Unavailable` if it breaks off. */
export async function replyOf(service: ServiceAccess, response: IncomingMessage): Promise<Reply> {
  const bytes = await readAll(response).catch((error: unknown) => {
    throw broken(service, error);
  });
  return { status: response.statusCode ?? 0, bytes, headers: response.headers };
}

/** Sends a request whose body may be written bit by bit, and returns the response to be read. Uses no proxy and follows no redirect. Throws `Unavailable`. */
export async function open(
  service: ServiceAccess,
  method: string,
  path: string,
  headers: Headers,
  body?: string | WriteBody,
): Promise<IncomingMessage> {
  const url = urlOf(service);
  const start = url.startsWith('https:') ? (await import('node:https')).request : httpRequest;
  return new Promise((resolve, reject) => {
    const failed = (error: unknown): void => reject(error instanceof RegistryError ? error : broken(service, error));
    const request = start(url + path, { method, headers, agent: false }, resolve);
    const slow = setTimeout(() => request.destroy(new Error('no connection within 10 s')), connectWithinMs);
    request.on('socket', (socket) => socket.once('connect', () => clearTimeout(slow)));
    request.on('close', () => clearTimeout(slow));
    request.on('error', failed);
    if (body === undefined || typeof body === 'string') request.end(body);
    else
      body(request).then(
        () => request.end(),
        (error: Error) => request.destroy(error),
      );
  });
}

async function readAll(response: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function broken(service: ServiceAccess, error: unknown): Unavailable {
  const code = systemCode(error);
  if (code === 'ECONNREFUSED') return new Unavailable(`${nameOf(service)} does not answer`);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new Unavailable(`${nameOf(service)} cannot be found: no machine has this name. Check PLINTH_URL or --url`);
  if (code === 'ECONNRESET' && service.url !== undefined)
    return new Unavailable(
      `${nameOf(service)} closed the connection. If it is a tunnel, look whether the service behind it runs`,
    );
  return new Unavailable(`${nameOf(service)} broke off (${messageOf(error)})`);
}

/** Returns the JSON of a successful reply. Throws the service's refusal, or `Unavailable` for the reply of another program. */
export function jsonOf(reply: Pick<Reply, 'status' | 'bytes' | 'headers'>, service: ServiceAccess): unknown {
  if (reply.status < 200 || reply.status >= 300) throw refusalIn(reply, service);
  try {
    return JSON.parse(reply.bytes.toString('utf8')) as unknown;
  } catch {
    throw foreign(reply, service);
  }
}

/** Returns the error that a reply is about: the service's refusal, or that another program answers. */
export function refusalIn(reply: Pick<Reply, 'status' | 'bytes' | 'headers'>, service: ServiceAccess): Error {
  try {
    const { error } = JSON.parse(reply.bytes.toString('utf8')) as Partial<ErrorBody>;
    if (error && typeof error.message === 'string') return refusalOf(error, service);
  } catch {
    // What is no JSON is no reply of ours.
  }
  return foreign(reply, service);
}

function refusalOf({ code, message, details }: ErrorBody['error'], service: ServiceAccess): RegistryError {
  if (code !== 'unauthorized' || service.url === undefined) return new RegistryError(code, message, details);
  const text = `The token was refused by ${nameOf(service)}: it is wrong, has expired or was revoked.`;
  return new RegistryError(code, `${text} Set PLINTH_TOKEN to another; an admin creates one with: plinth token create`);
}

const noService =
  'it does not reach the service behind it. Check that the service runs on that machine, on the port that the proxy names';

/** What a proxy before a service means by a status. */
const proxyProblems: Readonly<Record<number, string>> = {
  413: 'it refuses requests of this size. Raise its limit (client_max_body_size in nginx), or use an SSH tunnel',
  502: noService,
  503: noService,
  504: noService,
};

function foreign({ status, headers }: Pick<Reply, 'status' | 'headers'>, service: ServiceAccess): Unavailable {
  if (service.url === undefined)
    return new Unavailable(`the program on port ${service.port} is not a registry service`);
  const ofProxy = proxyProblems[status];
  if (ofProxy !== undefined)
    return new Unavailable(`the proxy at ${service.url} answered with status ${status}: ${ofProxy}`);
  const target = headers.location === undefined ? undefined : URL.parse(headers.location, service.url)?.host;
  const isPage = String(headers['content-type']).includes('html');
  const what = target !== undefined ? `a redirect to ${target}` : isPage ? 'a web page' : 'something else';
  return new Unavailable(
    `the program at ${service.url} answered with status ${status} and ${what} instead of a reply of Plinth, as the login page of a proxy does. Check the address, or use an SSH tunnel`,
  );
}
