import * as z from 'zod';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { equal, mlflowRights, type Identify } from '../../access/authenticate.ts';
import { guardAll, type Admission } from '../../access/guard.ts';
import { setCommonHeaders } from '../common-headers.ts';
import { assertRole, assertScope } from '../../access/rights.ts';
import { noteRefusal } from '../note-refusal.ts';
import type { Service } from '../service.ts';
import { bodyOf, queryOf, type Given } from './body.ts';
import { experiments } from './runs/experiments.ts';
import { MlflowError, sendJson, sendMlflowFailure } from './error-handler.ts';
import { read, type Routes } from './request-fields.ts';
import { fileRoutes, rootTransfers, storeTransfers, transfers, type Transfer } from './artifacts/files.ts';
import { history } from './runs/metric-history.ts';
import { loggedModels } from './models/logged-models.ts';
import { modelVersions } from './models/model-versions.ts';
import { registeredModels } from './models/registered-models.ts';
import { runs } from './runs/runs.ts';
import { traces } from './runs/traces.ts';

const info = {
  store_type: 'SqlStore',
  workspaces_enabled: false,
  trace_archival_enabled: false,
  multipart_uploads_enabled: false,
  multipart_downloads_enabled: false,
  presigned_upload_run_id_supported: false,
  presigned_upload_model_id_supported: false,
  features_enabled: { gateway: false },
};

const serverInfo = read(z.object({}), () => info);

/** Every JSON route, below `/api/2.0/mlflow/` and `/ajax-api/2.0/mlflow/`; those of version 3 begin with `3.0/` and are below `/api/3.0/mlflow/`. */
export const mlflowRoutes: Routes = {
  ...experiments,
  ...runs,
  ...history,
  ...registeredModels,
  ...modelVersions,
  ...loggedModels,
  ...traces,
  ...fileRoutes,
  'GET 3.0/server-info': serverInfo,
  'GET 3.0/server-features': serverInfo,
};

/** Paths of MLflow, supported or not. */
const theirs = /^\/(?:api\/[23]\.0|ajax-api|v1|graphql)(?:\/|$)/;
const base = /^\/(?:ajax-)?api\/2\.0\/mlflow\//;
const third = /^\/(?:ajax-)?api\/3\.0\/mlflow\//;
const store = /^\/(?:ajax-)?api\/2\.0\/mlflow-artifacts\//;
const atRoot = /^\/(?:get-artifact|model-versions\/get-artifact)$/;

/** Returns a request's path. Clients begin some with two slashes. */
function pathOf({ url = '' }: Pick<IncomingMessage, 'url'>): string {
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  return path.startsWith('//') ? path.replace(/^\/+/, '/') : path;
}

/** Returns true for a request of this dialect. Only here the MLflow token is valid, and errors have MLflow's form. */
export function isMlflow(request: Pick<IncomingMessage, 'url'>): boolean {
  const path = pathOf(request);
  return theirs.test(path) || atRoot.test(path);
}

/** Answers all requests of MLflow's clients. */
export function mlflow(service: Service, { identify, hosts }: Admission): RequestListener {
  const known: Identify = (given) => (equal(given, service.mlflow.token()) ? mlflowRights : identify(given));
  const admission = { identify: known, hosts };
  return (request, response) => {
    serve(service, admission, request, response).catch((error: unknown) => {
      sendMlflowFailure(response, error, service.ctx.log);
    });
  };
}

async function serve(
  service: Service,
  admission: Admission,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const rights = guardAll(request, admission);
  service.used();
  setCommonHeaders(response);
  const path = pathOf(request);
  const send = async (transfer: Transfer, given: Given): Promise<void> => {
    assertRole(rights, transfer.role);
    assertScope(rights, transfer.touches);
    await transfer.handler(service, request, response, given);
  };
  if (store.test(path))
    return send(own<Transfer>(storeTransfers, request.method ?? '') ?? storeTransfers.PUT, {
      rest: path.replace(store, ''),
    });
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
  const inner = innerPath(path);
  const found = match(method, inner);
  if (!found) throw notSpoken(method, path, inner);
  const { key, values } = found;
  const query = queryOf(request.url ?? '');
  const transfer = own(transfers, key) ?? own(rootTransfers, key);
  if (transfer) return send(transfer, { ...query, ...values });
  const row = own(mlflowRoutes, key);
  if (!row) throw notSpoken(method, path, inner);
  assertRole(rights, row.role);
  const given = method === 'GET' || isBare(key) ? query : await bodyOf(request);
  const { touches, act } = row.check({ ...given, ...values });
  assertScope(rights, touches);
  const actor = `${rights.owner}/mlflow`;
  try {
    sendJson(response, (await act(service, { actor, rights })) ?? {});
  } catch (error) {
    noteRefusal(service, error, actor);
    throw error;
  }
}

/** Returns the path below the base path; that of version 3 keeps its `3.0/`. */
function innerPath(path: string): string {
  if (third.test(path)) return path.replace(third, '3.0/');
  return atRoot.test(path) ? path.slice(1) : path.replace(base, '');
}

/**
 * Returns the error for a route of MLflow that is not supported. Clients take `ENDPOINT_NOT_FOUND` as an older server and do
 * without. A client that streams spans stops at the words of MLflow's own server without a store for them.
 */
function notSpoken(method: string, path: string, inner: string): MlflowError {
  if (path.startsWith('/v1/'))
    return new MlflowError(
      'NOT_IMPLEMENTED',
      'REST OTLP span logging is not supported by Plinth. Clients send a trace when it has ended.',
    );
  const others = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((other) => match(other, inner));
  if (others.length > 0) {
    const text = `${path} does not take ${method}. It takes ${others.join(', ')}.`;
    return new MlflowError('BAD_REQUEST', text, { status: 405, headers: { allow: others.join(', ') } });
  }
  return new MlflowError(
    'ENDPOINT_NOT_FOUND',
    `Plinth does not support ${method} ${path}. docs/mlflow.md lists what it supports.`,
  );
}

/** True for deletions whose path says everything, so that clients send no body. */
function isBare(key: string): boolean {
  return key.startsWith('DELETE logged-models/');
}

const keys = [...Object.keys(mlflowRoutes), ...Object.keys(transfers), ...Object.keys(rootTransfers)];
const exact = new Set(keys.filter((key) => !key.includes(':')));
const patterns = keys
  .filter((key) => key.includes(':'))
  .map((key) => ({ key, pattern: new RegExp(`^${key.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`) }));

/** Returns the route of a request and the values in its path; undefined for none. */
function match(method: string, path: string): { key: string; values: Given } | undefined {
  const wanted = `${method} ${path.replace(/\/$/, '')}`;
  if (exact.has(wanted)) return { key: wanted, values: {} };
  for (const { key, pattern } of patterns) {
    const found = pattern.exec(wanted)?.groups;
    if (!found) continue;
    const values = Object.entries(found).map(([name, text]) => [name, decoded(text)]);
    return { key, values: Object.fromEntries(values) as Given };
  }
  return undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new MlflowError('INVALID_PARAMETER_VALUE', 'Invalid path');
  }
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
