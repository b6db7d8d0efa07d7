import type { Readable } from 'node:stream';
import { RegistryError } from '../../errors.ts';
import type { ServiceAccess } from '../../protocol/handshake.ts';
import type { ReportRef } from '../../protocol/lineage.ts';
import type { ReplyOf, RequestOf, Route } from '../../protocol/routes.ts';
import type { UploadedPart } from '../../protocol/routes/watch.ts';
import { decodePoints, pointsCountHeader, pointsTotalHeader, type Points } from '../../protocol/series.ts';
import type { OfVersion } from '../../protocol/shapes.ts';
import { httpRequestOf, queryOf } from '../../shared/http-request.ts';
import { urlOf } from './address.ts';
import { standingOf } from './prove.ts';
import { jsonOf, open, refusalIn, replyOf, send, type Headers, type WriteBody } from './send.ts';
import { Unavailable } from './unavailable.ts';

/** Bytes to send, whose number is known. */
export interface BodyBytes {
  length: number;
  write: WriteBody;
}

/** A typed connection to a running service. */
export interface Client {
  readonly daemon: ServiceAccess;
  /**
   * Calls a route. Throws the service's `RegistryError`, or `Unavailable` if it cannot be reached. Has no time limit, as
   * verifying may take hours.
   */
  call<R extends Route>(route: R, request: RequestOf<R>): Promise<ReplyOf<R>>;
  /** Sends the next bytes of an upload, which has `offset` bytes already. */
  sendPart(key: string, range: { offset: number; size: number }, bytes: BodyBytes): Promise<UploadedPart>;
  /** Opens a file of a version, by its path in the manifest. The stream breaks off if its bytes are damaged. */
  file(of: OfVersion, path: string): Promise<Readable>;
  /** Returns a one-time code that logs a browser page in. */
  pageCode(): Promise<string>;
  /** Returns the points of a metric for each of these versions, each curve reduced to about `points`. */
  points(versions: readonly string[], metric: string, points: number): Promise<Points[]>;
  /** Returns a picture or report of a version, with its media type. */
  report(of: ReportRef): Promise<{ type: string; bytes: Uint8Array }>;
  /** Returns a one-time address at which a browser shows a report. */
  reportAddress(of: ReportRef): Promise<string>;
}

/** Creates a connection. `kind` names the client in the log: `cli`, `vscode`. */
export function connect(daemon: ServiceAccess, kind: string): Client {
  const headers = { authorization: `Bearer ${daemon.token}`, 'x-plinth-client': kind };
  const proven = provenAtLeast(daemon);
  return {
    daemon,
    call: async (route, request) => {
      if (daemon.url !== undefined && pathRoutes.has(route)) throw needsFiles(daemon.url);
      await proven();
      return call(daemon, headers, route, request);
    },
    sendPart: async (key, range, bytes) => {
      await proven();
      return sendPart(daemon, headers, `/uploads/${key}${queryOf(range)}`, bytes);
    },
    file: async (of, path) => {
      await proven();
      return openFile(daemon, headers, of, path);
    },
    pageCode: async () => {
      await proven();
      const reply = await send(daemon, 'POST', '/pages/code', headers, '{}');
      return (jsonOf(reply, daemon) as { code: string }).code;
    },
    points: async (versions, metric, points) => {
      await proven();
      return readPoints(daemon, headers, { versions: versions.join(','), metric, points });
    },
    report: async (of) => {
      await proven();
      return readReport(daemon, headers, of);
    },
    reportAddress: async (of) => {
      await proven();
      const reply = await send(daemon, 'POST', '/pages/report', headers, JSON.stringify(of));
      const { path } = jsonOf(reply, daemon) as { path: string };
      return `${urlOf(daemon)}${path}`;
    },
  };
}

/** Routes whose requests name a path of the service's machine. */
const pathRoutes: ReadonlySet<Route> = new Set<Route>([
  'GET /identify',
  'GET /inspect',
  'GET /inspect/tokenizer',
  'GET /why',
  'POST /found/register',
  'POST /import',
  'POST /models/:model/versions/:version/attach',
  'GET /policy',
  'POST /models/:model/policy',
  'POST /register',
  'POST /roots',
  'POST /roots/pause',
  'POST /roots/remove',
  'POST /roots/resume',
  'POST /scan',
  'POST /tensors/compare-file',
  'POST /tensors/describe',
  'POST /trust',
  'POST /trust/remove',
]);

function needsFiles(url: string): RegistryError {
  const text = `This needs files of the machine that ${url} runs on, and a path of this machine means nothing there.`;
  return new RegistryError('invalid-request', `${text} Run it on that machine.`);
}

/** Validity of a proof: after a service has ended, another program may take its port. */
const provenForMs = 100;

/** Returns a function that has the service prove its identity before a token is sent. It throws `Unavailable`. */
function provenAtLeast(daemon: ServiceAccess): () => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async () => {
    if (performance.now() - last < provenForMs) return;
    await assertProven(daemon);
    last = performance.now();
  };
}

/** Throws `Unavailable` unless the service of the file answers with its proof. Sends no token. */
export async function assertProven(daemon: ServiceAccess): Promise<void> {
  if (daemon.url !== undefined) return;
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

async function call<R extends Route>(
  daemon: ServiceAccess,
  headers: Headers,
  route: R,
  request: RequestOf<R>,
): Promise<ReplyOf<R>> {
  const { method, path, body } = httpRequestOf(route, request);
  const reply = await send(daemon, method, path, headers, body && JSON.stringify(body));
  return jsonOf(reply, daemon) as ReplyOf<R>;
}

async function sendPart(
  daemon: ServiceAccess,
  headers: Headers,
  path: string,
  { length, write }: BodyBytes,
): Promise<UploadedPart> {
  const ofBody = { ...headers, 'content-type': 'application/octet-stream', 'content-length': String(length) };
  return jsonOf(await replyOf(daemon, await open(daemon, 'POST', path, ofBody, write)), daemon) as UploadedPart;
}

async function openFile(
  daemon: ServiceAccess,
  headers: Headers,
  { model, version }: OfVersion,
  path: string,
): Promise<Readable> {
  const parts = ['models', model, 'versions', version, 'files', ...path.split('/')].map(encodeURIComponent);
  const response = await open(daemon, 'GET', `/${parts.join('/')}`, headers);
  if (response.statusCode === 200) return response;
  throw refusalIn(await replyOf(daemon, response), daemon);
}

async function readPoints(daemon: ServiceAccess, headers: Headers, query: Record<string, unknown>): Promise<Points[]> {
  const reply = await send(daemon, 'GET', `/series/points${queryOf(query)}`, headers);
  if (reply.status !== 200) throw refusalIn(reply, daemon);
  const { bytes, headers: replied } = reply;
  return decodePoints(bytes, String(replied[pointsCountHeader]), String(replied[pointsTotalHeader]));
}

async function readReport(
  daemon: ServiceAccess,
  headers: Headers,
  { model, version, path }: ReportRef,
): Promise<{ type: string; bytes: Uint8Array }> {
  const of = `/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}/report`;
  const reply = await send(daemon, 'GET', `${of}${queryOf({ path })}`, headers);
  if (reply.status !== 200) throw refusalIn(reply, daemon);
  const type = String(reply.headers['content-type']).split(';', 1)[0] ?? '';
  return { type, bytes: new Uint8Array(reply.bytes) };
}
