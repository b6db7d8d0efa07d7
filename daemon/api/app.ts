import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { createHash } from 'node:crypto';
import type { Caller } from '../context.ts';
import { nonceForm } from '../protocol/proof.ts';
import { RegistryError } from '../errors.ts';
import type { Route } from '../protocol/routes.ts';
import type { Rights } from '../protocol/token.ts';
import { changing } from './endpoints/changing.ts';
import { aboutPath, sendFailure } from './error-handler.ts';
import { checkKeys, parseRequest } from './validate.ts';
import { serveFile } from './endpoints/files.ts';
import { gating } from './endpoints/policies.ts';
import { tokenRoutes } from './endpoints/tokens.ts';
import { guard } from '../access/guard.ts';
import { equal, mlflowRights, requestRights, type Identify, type RequestRights } from '../access/authenticate.ts';
import { servePoints } from './endpoints/points.ts';
import { openapi } from './openapi.ts';
import { sendMlflowFailure } from './mlflow/error-handler.ts';
import { isMlflow, mlflow } from './mlflow/router.ts';
import { mlflowVersion } from './mlflow/version.ts';
import { serveExchange, servePages } from './web/pages.ts';
import { reading } from './endpoints/reading.ts';
import { answersOnce, type AnswerOnce } from '../registry/idempotency.ts';
import { assertMay, routeRoles, touchedBy } from './rights.ts';
import type { Endpoint, Endpoints, Service } from './service.ts';

export const endpoints: Endpoints = { ...reading, ...gating, ...tokenRoutes, ...changing };

/** The HTTP side of the daemon: guard, then routes, then the one place where errors become answers. */
export function createApp(service: Service, identify: Identify, version: string): Express {
  const app = express();
  const rights = requestRights();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((request, response, next) => {
    const known = isMlflow(request) ? withMlflow(service, identify) : identify;
    rights.set(request, guard(request, known));
    service.used();
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cache-control', 'no-store');
    next();
  });
  app.get('/health', (_request, response) => void response.type('text/plain').send('OK'));
  app.get('/proof', (request, response) => sendProof(service, request, response));
  servePages(app, service.pages, rights);
  app.get('/version', (request, response) => sendVersion(request, response, version));
  app.use(mlflow(service, rights));
  app.get('/openapi.json', (_request, response) => void response.json(openapi(endpoints, version)));
  app.get('/models/:model/versions/:version/files/*path', (request, response) => serveFile(service, request, response));
  app.get('/series/points', (request, response) => servePoints(service, request, response));
  app.use(express.json({ limit: '1mb', type: 'application/json', strict: true }));
  serveExchange(app, service.pages);
  const once = answersOnce(service.ctx);
  for (const route of Object.keys(endpoints) as Route[]) mount(app, { service, rights, once }, route);
  app.use((request) => {
    throw new RegistryError('not-found', `there is no route ${request.method} ${request.path}; see /openapi.json`);
  });
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const send = isMlflow(request) ? sendMlflowFailure : sendFailure;
    send(response, error, service.ctx.log);
  });
  return app;
}

/** Anybody may ask: the answer tells nothing to who has not the key. */
function sendProof(service: Service, request: Request, response: Response): void {
  const { nonce } = request.query;
  if (typeof nonce !== 'string' || !nonceForm.test(nonce))
    throw new RegistryError('invalid-request', 'a nonce has 22 to 64 letters, digits, - and _');
  response.type('text/plain').send(service.prove(nonce, request.socket.localPort ?? 0));
}

/** MLflow's clients want MLflow's version as text; who asks for JSON is told both. */
function sendVersion(request: Request, response: Response, version: string): void {
  if (request.get('accept')?.includes('json') === true) response.json({ version, mlflow: mlflowVersion });
  else response.type('text/plain').send(mlflowVersion);
}

interface Mounting {
  service: Service;
  rights: RequestRights;
  once: AnswerOnce;
}

function mount(app: Express, { service, rights, once }: Mounting, route: Route): void {
  const [method, path] = route.split(' ') as ['GET' | 'POST', string];
  const endpoint = endpoints[route] as Endpoint<Route>;
  const handle = async (request: Request, response: Response): Promise<void> => {
    const who = rights.of(request);
    assertMay(who, routeRoles[route]);
    const body = bodyOf(request);
    checkKeys(body);
    const merged = parseRequest(endpoint.schema, { ...request.query, ...body, ...request.params });
    assertMay(who, routeRoles[route], touchedBy(route, merged));
    const caller = { ...callerOf(request, route, who, merged), gone: goneOf(response) };
    const { path: asked } = merged as { path?: unknown };
    const told = (error: unknown): unknown => aboutPath(error, asked, service.ctx.blobs.folder);
    response.json(await once(caller, () => run(() => endpoint.run(service, merged, caller), told)));
  };
  if (method === 'GET') app.get(path, handle);
  else app.post(path, handle);
}

/** Runs an endpoint, which may throw at once or later, and says of what is thrown what it is. */
async function run<T>(act: () => T | Promise<T>, told: (error: unknown) => unknown): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw told(error);
  }
}

function goneOf(response: Response): AbortSignal {
  const gone = new AbortController();
  response.on('close', () => response.writableEnded || gone.abort());
  return gone.signal;
}

function bodyOf(request: Request): Record<string, unknown> {
  if (request.method === 'GET') return {};
  if (request.body === undefined && !request.headers['content-type']) return {};
  if (request.body === undefined) throw new RegistryError('unsupported-type', 'send application/json');
  return request.body as Record<string, unknown>;
}

function withMlflow(service: Service, identify: Identify): Identify {
  return (given) => (equal(given, service.mlflow.token()) ? mlflowRights : identify(given));
}

/** Who asks: the token's owner and the client's kind, such as `ana/cli`. Every token has Idempotency-Keys of its own. */
function callerOf(request: Request, route: Route, rights: Rights, asked: object): Caller {
  const client = /^[a-z-]{1,20}$/.exec(request.get('x-plinth-client') ?? '')?.[0] ?? 'api';
  const actor = `${rights.owner}/${client}`;
  const key = request.get('idempotency-key');
  if (key === undefined || request.method === 'GET') return { actor, rights };
  if (!/^[\x21-\x7e]{1,200}$/.test(key))
    throw new RegistryError('invalid-request', 'an Idempotency-Key has 1 to 200 visible characters');
  const own = rights.token === null ? key : `${rights.token} ${key}`;
  const text = JSON.stringify([route, asked]);
  return { actor, rights, idempotency: { key: own, request: createHash('sha256').update(text).digest() } };
}
