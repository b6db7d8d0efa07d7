import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { Caller } from '../context.ts';
import { RegistryError } from '../errors.ts';
import type { Route } from '../protocol/routes.ts';
import type { Rights } from '../protocol/token.ts';
import { setCommonHeaders } from './common-headers.ts';
import { aboutPath, sendFailure } from './error-handler.ts';
import { checkKeys, parseRequest } from './validate.ts';
import { noteRefusal } from './note-refusal.ts';
import { guard, type Admission } from '../access/guard.ts';
import { requestRights, type RequestRights } from '../access/authenticate.ts';
import { openapi } from './openapi.ts';
import { isMlflow, mlflow } from './mlflow/router.ts';
import { answersOnce, type AnswerOnce } from '../registry/idempotency.ts';
import { assertRole, assertScope } from '../access/rights.ts';
import { touchesOf, type RawRow, type RouteRow } from './route.ts';
import { isOpen, rawRoutes, routes } from './routes.ts';
import type { Service } from './service.ts';

/**
 * Creates the HTTP side of the service: guard, routes, then the one place that turns errors into replies. MLflow's dialect does
 * not go through Express, which would take a third of the time of each request that a training waits for.
 */
export function createApp(service: Service, admission: Admission, version: string): RequestListener {
  const app = ownRoutes(service, admission, version);
  const speakMlflow = mlflow(service, admission);
  return (request, response) => (isMlflow(request) ? speakMlflow(request, response) : app(request, response));
}

function ownRoutes(service: Service, admission: Admission, version: string): Express {
  const app = express();
  const rights = requestRights();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((request, response, next) => {
    rights.set(request, guard(request, admission, isOpen));
    service.used();
    setCommonHeaders(response);
    next();
  });
  app.use(express.json({ limit: '1mb', type: 'application/json', strict: true }));
  const mounting = { service, rights, once: answersOnce(service.ctx), version };
  for (const [route, row] of Object.entries(rawRoutes)) mountRaw(app, mounting, route, row);
  for (const route of Object.keys(routes) as Route[]) mount(app, mounting, route);
  app.use((request) => {
    throw new RegistryError('not-found', `There is no route ${request.method} ${request.path}. See /openapi.json.`);
  });
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    sendFailure(response, error, service.ctx.log);
  });
  return app;
}

interface Mounting {
  service: Service;
  rights: RequestRights;
  once: AnswerOnce;
  version: string;
}

/** Registers a route that writes its own response. */
function mountRaw(app: Express, { service, rights, version }: Mounting, route: string, row: RawRow): void {
  on(app, route, async (request, response) => {
    if (row.role !== 'open') {
      const who = rights.of(request);
      assertRole(who, row.role);
      assertScope(who, row.touches);
    }
    const document = (): object => openapi(routes, rawRoutes, version);
    await row.handler(service, { request, response, version, openapi: document, rights: () => rights.of(request) });
  });
}

function mount(app: Express, { service, rights, once }: Mounting, route: Route): void {
  const row = routes[route] as RouteRow<Route>;
  on(app, route, async (request, response) => {
    const who = rights.of(request);
    assertRole(who, row.role);
    const body = bodyOf(request);
    checkKeys(body);
    const merged = parseRequest(row.schema, { ...request.query, ...body, ...request.params });
    assertScope(who, touchesOf(row.touches, merged));
    const caller = { ...callerOf(request, route, who, merged), gone: goneOf(response) };
    const { path: asked } = merged as { path?: unknown };
    const explained = (error: unknown): unknown => {
      noteRefusal(service, error, caller.actor);
      return aboutPath(error, asked, service.ctx.blobs.folder);
    };
    response.json(await once(caller, () => run(() => row.handler(service, merged, caller), explained)));
  });
}

function on(app: Express, route: string, handle: (request: Request, response: Response) => Promise<void>): void {
  const [method, path] = route.split(' ') as ['GET' | 'POST', string];
  if (method === 'GET') app.get(path, handle);
  else app.post(path, handle);
}

/** Runs an endpoint, which may throw synchronously or reject, and passes its errors through `explained`. */
async function run<T>(act: () => T | Promise<T>, explained: (error: unknown) => unknown): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw explained(error);
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
  if (request.body === undefined)
    throw new RegistryError('unsupported-type', 'The body must be sent as application/json.');
  return request.body as Record<string, unknown>;
}

/**
 * Returns the caller of a request: owner and kind of client, such as `ana/cli`. Idempotency-Keys are separate for each token.
 * Throws `invalid-request` for a bad key.
 */
function callerOf(request: Request, route: Route, rights: Rights, asked: object): Caller {
  const client = /^[a-z-]{1,20}$/.exec(request.get('x-plinth-client') ?? '')?.[0] ?? 'api';
  const actor = `${rights.owner}/${client}`;
  const key = request.get('idempotency-key');
  if (key === undefined || request.method === 'GET') return { actor, rights };
  if (!/^[\x21-\x7e]{1,200}$/.test(key))
    throw new RegistryError('invalid-request', 'An Idempotency-Key has 1 to 200 visible characters.');
  const own = rights.token === null ? key : `${rights.token} ${key}`;
  const text = JSON.stringify([route, asked]);
  return { actor, rights, idempotency: { key: own, request: createHash('sha256').update(text).digest() } };
}
