import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import type { Touches } from '../../../access/rights.ts';
import type { Caller } from '../../../context.ts';
import type { Role } from '../../../protocol/token.ts';
import { findLoggedModel } from '../../../tracking/logged-models.ts';
import { settleUploads } from '../../../tracking/upload-group.ts';
import { findRun } from '../../../tracking/runs.ts';
import type { Service } from '../../service.ts';
import * as artifacts from './artifacts.ts';
import { queryOf, type Given } from '../body.ts';
import { MlflowError, invalid, sendJson } from '../error-handler.ts';
import { read, parse, required, text, type Checked, type Routes } from '../request-fields.ts';
import { checkArtifactPath, checkReadPath, pathBehind } from './paths.ts';
import { idOf, ofRun } from '../runs/runs.ts';

/** Makes a route that reads uploads, after pending ones are on disk. */
const readUploads: typeof read = (schema, handler) => {
  const row = read(schema, handler);
  const check = (given: Given): Checked => {
    const { touches, act } = row.check(given);
    const settled = async (service: Service, caller: Caller): Promise<unknown> => {
      await settleUploads(service.ctx);
      return act(service, caller);
    };
    return { touches, act: settled };
  };
  return { ...row, check };
};

/** Routes about files that reply with JSON. */
export const fileRoutes: Routes = {
  'GET artifacts/list': readUploads(ofRun.extend({ path: text }), ({ ctx }, asked) =>
    artifacts.listOf(ctx, findRun(ctx, idOf(asked)).artifactUri, asked.path),
  ),
  'GET logged-models/:model_id/artifacts/directories': readUploads(
    z.object({ model_id: required, artifact_directory_path: text }),
    ({ ctx }, asked) =>
      artifacts.listOf(ctx, findLoggedModel(ctx, asked.model_id).artifactUri, asked.artifact_directory_path),
  ),
};

/** A route that receives or sends bytes. It changes no model. */
export interface Transfer {
  role: Role;
  touches: Touches;
  handler(service: Service, request: IncomingMessage, response: ServerResponse, given: Given): Promise<void>;
}

/** Transfers below MLflow's base paths, by `METHOD path`. */
export const transfers: Readonly<Record<string, Transfer>> = {
  'POST upload-artifact': {
    role: 'contributor',
    touches: 'nothing',
    handler: async ({ ctx }, request, response, given) => {
      const { run_uuid: run, path } = parse(z.object({ run_uuid: text, path: text }), given);
      if (run === '') throw invalid('Request must specify run_uuid.');
      if (path === '') throw invalid('Request must specify path.');
      const inner = checkArtifactPath(path);
      if (request.headers['content-length'] === '0') throw invalid('Request must specify data.');
      await artifacts.put(ctx, artifacts.pathInRun(ctx, run, inner), request);
      sendJson(response, {});
    },
  },
  'GET logged-models/:model_id/artifacts/files': {
    role: 'viewer',
    touches: 'nothing',
    handler: async ({ ctx }, request, response, given) => {
      const asked = parse(z.object({ model_id: required, artifact_file_path: required }), given);
      const path = artifacts.pathInLoggedModel(ctx, asked.model_id, checkReadPath(asked.artifact_file_path));
      await artifacts.download(ctx, path, request, response);
    },
  },
};

/** Transfers at the root. */
export const rootTransfers: Readonly<Record<string, Transfer>> = {
  'GET get-artifact': {
    role: 'viewer',
    touches: 'nothing',
    handler: async ({ ctx }, request, response, given) => {
      const asked = parse(ofRun.extend({ path: required }), given);
      await artifacts.download(
        ctx,
        artifacts.pathInRun(ctx, idOf(asked), checkReadPath(asked.path)),
        request,
        response,
      );
    },
  },
  'GET model-versions/get-artifact': {
    role: 'viewer',
    touches: 'nothing',
    handler: async ({ ctx }, request, response, given) => {
      const asked = parse(z.object({ name: required, version: required, path: required }), given);
      await artifacts.downloadOfVersion(ctx, asked, request, response);
    },
  },
};

const store = (role: Role): Transfer => ({
  role,
  touches: 'nothing',
  handler: (service, request, response, given) =>
    serveStore(service, request, response, parse(z.object({ rest: z.string() }), given).rest),
});

/** Routes of `mlflow-artifacts/…` by method. Any other method needs the rights of a change. */
export const storeTransfers = {
  GET: store('viewer'),
  HEAD: store('viewer'),
  PUT: store('contributor'),
  DELETE: store('contributor'),
} satisfies Record<string, Transfer>;

/** Serves the artifact store. `rest`: the remaining path of the URL, still encoded. */
async function serveStore(
  { ctx }: Service,
  request: IncomingMessage,
  response: ServerResponse,
  rest: string,
): Promise<void> {
  if (/^(mpu|presigned)\//.test(rest)) {
    const what = rest.startsWith('mpu') ? 'Multipart upload' : 'Presigned download';
    throw new MlflowError('NOT_IMPLEMENTED', `${what} is not supported for the current artifact repository`);
  }
  if (rest === 'artifacts' || rest === 'artifacts/') {
    if (request.method !== 'GET') throw invalid('Invalid path');
    const { path } = parse(z.object({ path: text }), queryOf(request.url ?? ''));
    await settleUploads(ctx);
    const files = artifacts.list(ctx, checkReadPath(path));
    sendJson(response, files.length === 0 ? {} : { files });
    return;
  }
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const path = pathBehind(rest, 'artifacts/', isRead ? checkReadPath : checkArtifactPath);
  if (isRead) return artifacts.download(ctx, path, request, response);
  if (request.method === 'DELETE') await artifacts.remove(ctx, path);
  else if (request.method === 'PUT' && !rest.endsWith('/')) await artifacts.put(ctx, path, request);
  else throw invalid('Invalid path');
  if (request.method === 'PUT') response.end();
  else sendJson(response, {});
}
