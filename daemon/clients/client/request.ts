import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { RegistryError, messageOf, systemCode } from '../../errors.ts';
import type { ErrorBody } from '../../protocol/errors.ts';
import type { DaemonFile } from '../../protocol/handshake.ts';
import type { ReportRef } from '../../protocol/lineage.ts';
import type { ReplyOf, RequestOf, Route } from '../../protocol/routes.ts';
import { httpRequestOf, queryOf } from '../../shared/http-request.ts';
import { standingOf } from './prove.ts';
import { decodePoints, pointsCountHeader, pointsTotalHeader, type Points } from '../../protocol/series.ts';

/** A typed connection to a running service. */
export interface Client {
  readonly daemon: DaemonFile;
  /**
   * Calls a route. Throws the service's `RegistryError`, or `Unavailable` if it cannot be reached. Has no time limit, as
   * verifying may take hours.
   */
  call<R extends Route>(route: R, request: RequestOf<R>): Promise<ReplyOf<R>>;
  /** Returns a one-time code that logs a browser page in. */
  pageCode(): Promise<string>;
  /** Returns the points of a metric for each of these versions, each curve reduced to about `points`. */
  points(versions: readonly string[], metric: string, points: number): Promise<Points[]>;
  /** Returns a picture or report of a version, with its media type. */
  report(of: ReportRef): Promise<{ type: string; bytes: Uint8Array }>;
  /** Returns a one-time address at which a browser shows a report. */
  reportAddress(of: ReportRef): Promise<string>;
}

/** Thrown if no service answers. */
export class Unavailable extends Error {
  /** Exit code of a service that refused to start; undefined if none was started. */
  readonly exitCode: number | undefined;

  constructor(message: string, exitCode?: number) {
    super(message);
    this.name = 'Unavailable';
    this.exitCode = exitCode;
  }
}

/** Creates a connection. `kind` names the client in the log: `cli`, `vscode`. */
export function connect(daemon: DaemonFile, kind: string): Client {
  const headers = { authorization: `Bearer ${daemon.token}`, 'x-plinth-client': kind };
  const proven = provenAtLeast(daemon);
  return {
    daemon,
    call: async (route, request) => {
      await proven();
      return call(daemon.port, headers, route, request);
    },
    pageCode: async () => {
      await proven();
      const { bytes } = await send(daemon.port, 'POST', '/pages/code', headers, '{}');
      return (parseReply(bytes.toString('utf8'), daemon.port) as { code: string }).code;
    },
    points: async (versions, metric, points) => {
      await proven();
      return readPoints(daemon.port, headers, { versions: versions.join(','), metric, points });
    },
    report: async (of) => {
      await proven();
      return readReport(daemon.port, headers, of);
    },
    reportAddress: async (of) => {
      await proven();
      const reply = await send(daemon.port, 'POST', '/pages/report', headers, JSON.stringify(of));
      if (reply.status !== 200) return refused(reply, daemon.port);
      const { path } = parseReply(reply.bytes.toString('utf8'), daemon.port) as { path: string };
      return `http://127.0.0.1:${daemon.port}${path}`;
    },
  };
}

/** Validity of a proof: after a service has ended, another program may take its port. */
const provenForMs = 100;

/** Returns a function that has the service prove its identity before a token is sent. It throws `Unavailable`. */
function provenAtLeast(daemon: DaemonFile): () => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async () => {
    if (performance.now() - last < provenForMs) return;
    await assertProven(daemon);
    last = performance.now();
  };
}

/** Throws `Unavailable` unless the service of the file answers with its proof. Sends no token. */
export async function assertProven(daemon: DaemonFile): Promise<void> {
  const { port } = daemon;
  const standing = await standingOf(daemon, proofWithinMs);
  if (standing === 'proven') return;
  if (standing === 'absent') throw new Unavailable(`the registry service on port ${port} does not answer`);
  const who = standing === 'old' ? `a registry service of an older Plinth, or another program,` : 'another program';
  throw new Unavailable(
    `${who} answers on port ${port} and cannot prove to be the registry service: no token was sent`,
  );
}

/** Time limit for a proof. A service that reads a large file may be slow; no token is sent meanwhile. */
const proofWithinMs = 30_000;

type Headers = Record<string, string>;

async function call<R extends Route>(
  port: number,
  headers: Headers,
  route: R,
  request: RequestOf<R>,
): Promise<ReplyOf<R>> {
  const { method, path, body } = httpRequestOf(route, request);
  const { status, bytes } = await send(port, method, path, headers, body && JSON.stringify(body));
  const reply = parseReply(bytes.toString('utf8'), port);
  if (status >= 200 && status < 300) return reply as ReplyOf<R>;
  const { error } = reply as ErrorBody;
  throw new RegistryError(error.code, error.message, error.details);
}

async function readPoints(port: number, headers: Headers, query: Record<string, unknown>): Promise<Points[]> {
  const { status, bytes, headers: replied } = await send(port, 'GET', `/series/points${queryOf(query)}`, headers);
  if (status === 200)
    return decodePoints(bytes, String(replied[pointsCountHeader]), String(replied[pointsTotalHeader]));
  return refused({ bytes }, port);
}

async function readReport(
  port: number,
  headers: Headers,
  { model, version, path }: ReportRef,
): Promise<{ type: string; bytes: Uint8Array }> {
  const of = `/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}/report`;
  const { status, bytes, headers: replied } = await send(port, 'GET', `${of}${queryOf({ path })}`, headers);
  if (status !== 200) return refused({ bytes }, port);
  return { type: String(replied['content-type']).split(';', 1)[0] ?? '', bytes: new Uint8Array(bytes) };
}

/** Throws the service's refusal. */
function refused({ bytes }: { bytes: Buffer }, port: number): never {
  const { error } = parseReply(bytes.toString('utf8'), port) as ErrorBody;
  throw new RegistryError(error.code, error.message, error.details);
}

function send(
  port: number,
  method: string,
  path: string,
  headers: Headers,
  body?: string,
): Promise<{ status: number; bytes: Buffer; headers: IncomingHttpHeaders }> {
  const sent =
    body === undefined
      ? headers
      : { ...headers, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void =>
      reject(new Unavailable(`the registry service on port ${port} ${reasonOf(error)}`));
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers: sent, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', failed);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, bytes: Buffer.concat(parts), headers: response.headers }),
      );
    });
    request.on('error', failed);
    request.end(body);
  });
}

function reasonOf(error: Error): string {
  return systemCode(error) === 'ECONNREFUSED' ? 'does not answer' : `broke off (${messageOf(error)})`;
}

function parseReply(text: string, port: number): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Unavailable(`the program on port ${port} is not a registry service`);
  }
}
