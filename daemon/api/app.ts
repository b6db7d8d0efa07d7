import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { createHash } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Caller } from '../context.ts';
import { RegistryError } from '../errors.ts';
import type { Route } from '../protocol/routes.ts';
import { changing } from './changing.ts';
import { sendFailure } from './failure.ts';
import { checkKeys, parseRequest } from './border.ts';
import { serveFile } from './files.ts';
import { guard } from './guard.ts';
import { openapi } from './openapi.ts';
import { reading } from './reading.ts';
import type { Endpoint, Endpoints, Service } from './service.ts';

export const endpoints: Endpoints = { ...reading, ...changing };

/** The HTTP side of the daemon: guard, then routes, then the one place where errors become answers. */
export function createApp(service: Service, tokens: () => readonly string[], version: string): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((request, response, next) => {
    guard(request, tokens);
    service.used();
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cache-control', 'no-store');
    next();
  });
  app.get('/health', (_request, response) => void response.type('text/plain').send('OK'));
  app.get('/version', (_request, response) => void response.json({ version }));
  app.get('/openapi.json', (_request, response) => void response.json(openapi(endpoints, version)));
  app.get('/models/:model/versions/:version/files/*path', (request, response) => serveFile(service, request, response));
  app.use(express.json({ limit: '1mb', type: 'application/json', strict: true }));
  for (const route of Object.keys(endpoints) as Route[]) mount(app, service, route);
  app.use((request) => {
    throw new RegistryError('not-found', `there is no route ${request.method} ${request.path}; see /openapi.json`);
  });
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    sendFailure(response, error, service.ctx.log);
  });
  return app;
}

function mount(app: Express, service: Service, route: Route): void {
  const [method, path] = route.split(' ') as ['GET' | 'POST', string];
  const endpoint = endpoints[route] as Endpoint<Route>;
  const handle = async (request: Request, response: Response): Promise<void> => {
    const body = bodyOf(request);
    checkKeys(body);
    const merged = parseRequest(endpoint.schema, { ...request.query, ...body, ...request.params });
    response.json(await endpoint.run(service, merged, callerOf(request, route)));
  };
  if (method === 'GET') app.get(path, handle);
  else app.post(path, handle);
}

function bodyOf(request: Request): Record<string, unknown> {
  if (request.method === 'GET') return {};
  if (request.body === undefined && !request.headers['content-type']) return {};
  if (request.body === undefined) throw new RegistryError('unsupported-type', 'send application/json');
  return request.body as Record<string, unknown>;
}

const user = userInfo().username;

/** Who asks: the local user and the client's kind, such as `ana/cli`. */
function callerOf(request: Request, route: Route): Caller {
  const client = /^[a-z-]{1,20}$/.exec(request.get('x-plinth-client') ?? '')?.[0] ?? 'api';
  const actor = `${user}/${client}`;
  const key = request.get('idempotency-key');
  if (key === undefined || request.method === 'GET') return { actor };
  if (!/^[\x21-\x7e]{1,200}$/.test(key))
    throw new RegistryError('invalid-request', 'an Idempotency-Key has 1 to 200 visible characters');
  const text = JSON.stringify([route, request.params, request.body ?? null]);
  return { actor, idempotency: { key, request: createHash('sha256').update(text).digest() } };
}
