import type { Request, Response } from 'express';
import * as z from 'zod';
import { findLoggedModel } from '../../../tracking/logged-models.ts';
import { findRun } from '../../../tracking/runs.ts';
import type { Service } from '../../service.ts';
import * as artifacts from './artifacts.ts';
import { queryOf } from '../body.ts';
import { MlflowError, invalid } from '../error-handler.ts';
import { look, parse, required, text, type Given, type Routes } from '../request-fields.ts';
import { checkArtifactPath, checkReadPath, pathBehind } from './paths.ts';
import { idOf, ofRun } from '../runs/runs.ts';

/** Routes whose answer is JSON about files. */
export const fileRoutes: Routes = {
  'GET artifacts/list': look(ofRun.extend({ path: text }), ({ ctx }, asked) =>
    artifacts.listOf(ctx, findRun(ctx, idOf(asked)).artifactUri, asked.path),
  ),
  'GET logged-models/:model_id/artifacts/directories': look(
    z.object({ model_id: required, artifact_directory_path: text }),
    ({ ctx }, asked) =>
      artifacts.listOf(ctx, findLoggedModel(ctx, asked.model_id).artifactUri, asked.artifact_directory_path),
  ),
};

/** Answers itself: bytes go in or out. */
export type Transfer = (service: Service, request: Request, response: Response, given: Given) => Promise<void>;

/** Transfers below MLflow's base paths, by `METHOD path`. */
export const transfers: Readonly<Record<string, Transfer>> = {
  'POST upload-artifact': async ({ ctx }, request, response, given) => {
    const { run_uuid: run, path } = parse(z.object({ run_uuid: text, path: text }), given);
    if (run === '') throw invalid('Request must specify run_uuid.');
    if (path === '') throw invalid('Request must specify path.');
    const inner = checkArtifactPath(path);
    if (request.headers['content-length'] === '0') throw invalid('Request must specify data.');
    await artifacts.put(ctx, artifacts.pathInRun(ctx, run, inner), request);
    response.json({});
  },
  'GET logged-models/:model_id/artifacts/files': async ({ ctx }, request, response, given) => {
    const asked = parse(z.object({ model_id: required, artifact_file_path: required }), given);
    const path = artifacts.pathInLoggedModel(ctx, asked.model_id, checkReadPath(asked.artifact_file_path));
    await artifacts.download(ctx, path, request, response);
  },
};

/** Transfers that stand at the root. */
export const rootTransfers: Readonly<Record<string, Transfer>> = {
  'GET get-artifact': async ({ ctx }, request, response, given) => {
    const asked = parse(ofRun.extend({ path: required }), given);
    await artifacts.download(ctx, artifacts.pathInRun(ctx, idOf(asked), checkReadPath(asked.path)), request, response);
  },
  'GET model-versions/get-artifact': async ({ ctx }, request, response, given) => {
    const asked = parse(z.object({ name: required, version: required, path: required }), given);
    await artifacts.downloadOfVersion(ctx, asked, request, response);
  },
};

/** `mlflow-artifacts/…`: `rest` is what follows in the URL's path, still encoded. */
export async function serveStore({ ctx }: Service, request: Request, response: Response, rest: string): Promise<void> {
  if (/^(mpu|presigned)\//.test(rest)) {
    const what = rest.startsWith('mpu') ? 'Multipart upload' : 'Presigned download';
    throw new MlflowError('NOT_IMPLEMENTED', `${what} is not supported for the current artifact repository`);
  }
  if (rest === 'artifacts' || rest === 'artifacts/') {
    if (request.method !== 'GET') throw invalid('Invalid path');
    const { path } = parse(z.object({ path: text }), queryOf(request.url));
    const files = artifacts.list(ctx, checkReadPath(path));
    response.json(files.length === 0 ? {} : { files });
    return;
  }
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const path = pathBehind(rest, 'artifacts/', isRead ? checkReadPath : checkArtifactPath);
  if (isRead) return artifacts.download(ctx, path, request, response);
  if (request.method === 'DELETE') await artifacts.remove(ctx, path);
  else if (request.method === 'PUT' && !rest.endsWith('/')) await artifacts.put(ctx, path, request);
  else throw invalid('Invalid path');
  if (request.method === 'PUT') response.status(200).end();
  else response.json({});
}
