import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from '../../../context.ts';
import { uploadAt, uploadsIn } from '../../../db/tracking/uploads.ts';
import { RegistryError } from '../../../errors.ts';
import type { Json } from '../../../protocol/json.ts';
import { removeUpload, storePath, upload } from '../../../tracking/uploads.ts';
import { findLoggedModel } from '../../../tracking/logged-models.ts';
import { handingOut } from '../../../registry/verify/version.ts';
import { settleUploads } from '../../../tracking/upload-group.ts';
import { findRun } from '../../../tracking/runs.ts';
import { MlflowError, invalid } from '../error-handler.ts';
import { versionToRead } from '../lookup.ts';
import { checkNames, checkReadPath } from './paths.ts';
import { sendFile } from '../file-response.ts';
import { listed, versionAtPath, versionFiles, versionsFolder, type StoredFile } from '../models/stored-version.ts';

/** Files that clients upload, list, download and delete by path, and the read-only folder of versions. */

function isOfVersion(path: string): boolean {
  return path === versionsFolder || path.startsWith(`${versionsFolder}/`);
}

function assertWritable(path: string): void {
  if (path === '') throw invalid('Invalid path');
  if (isOfVersion(path))
    throw new MlflowError('PERMISSION_DENIED', "a version's bytes never change; register another version");
}

/** Stores the request's body under a path. */
export async function put(ctx: Context, path: string, request: IncomingMessage): Promise<void> {
  assertWritable(path);
  checkNames(path);
  try {
    await upload(ctx, path, request);
  } catch (error) {
    if (request.complete || error instanceof RegistryError) throw error;
    throw new MlflowError('BAD_REQUEST', 'the upload broke off; nothing of it was kept');
  }
}

export async function remove(ctx: Context, path: string): Promise<void> {
  assertWritable(path);
  await removeUpload(ctx, path);
}

function uploadedFile(ctx: Context, path: string): StoredFile {
  const found = uploadAt(ctx.db, path);
  if (found) return { path, size: found.size, from: { digest: found.digest } };
  if (uploadsIn(ctx.db, path).length > 0) throw invalid(`Invalid path: ${path} is a folder`);
  throw missingError(path);
}

function fileIn(files: readonly StoredFile[], inner: string, path: string): StoredFile {
  const found = files.find((file) => file.path === inner);
  if (found) return found;
  if (files.some((file) => file.path.startsWith(`${inner}/`))) throw invalid(`Invalid path: ${path} is a folder`);
  throw missingError(path);
}

function missingError(path: string): MlflowError {
  return new MlflowError('RESOURCE_DOES_NOT_EXIST', `No such artifact: '${path}'`);
}

/** Lists one level of a folder, after `settleUploads`. `named`: returns a file's name for the reply. */
export function list(ctx: Context, path: string, named: (name: string) => string = (name) => name): Json[] {
  return entriesIn(ctx, path).map(({ name, size }) => {
    const isFolder = size === null;
    return { path: named(name), is_dir: isFolder, ...(size !== null && size > 0 && { file_size: size }) };
  });
}

function entriesIn(ctx: Context, path: string): { name: string; size: number | null }[] {
  if (!isOfVersion(path)) return uploadsIn(ctx.db, path);
  const { row, inner } = versionAtPath(ctx, path);
  return listed(versionFiles(ctx, row), inner);
}

export async function download(
  ctx: Context,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isOfVersion(path)) {
    await settleUploads(ctx);
    return sendFile(ctx, request, response, uploadedFile(ctx, path));
  }
  const { row, inner } = versionAtPath(ctx, path);
  await handingOut(ctx, row, () => sendFile(ctx, request, response, fileIn(versionFiles(ctx, row), inner, path)));
}

/** Lists one level of the artifacts of a run or logged model, with `root_uri` and paths relative to it. */
export function listOf(ctx: Context, root: string, path: string): Json {
  const inner = checkReadPath(path);
  const top = storePath(root);
  const files = top === undefined ? [] : list(ctx, joined(top, inner), (name) => joined(inner, name));
  return files.length === 0 ? { root_uri: root } : { root_uri: root, files };
}

function joined(folder: string, name: string): string {
  return [folder, name].filter((part) => part !== '').join('/');
}

/** Returns the path in our store of a path within a run or logged model. Throws if its files are stored elsewhere. */
function within(root: string, inner: string): string {
  const top = storePath(root);
  if (inner === '') throw invalid('Invalid path');
  if (top === undefined) throw missingError(`${root}/${inner}`);
  return joined(top, inner);
}

/** Returns the path in our store of a file of a run. `path` must be checked. */
export function pathInRun(ctx: Context, runId: string, path: string): string {
  return within(findRun(ctx, runId).artifactUri, path);
}

/** Returns the path in our store of a file of a logged model. `path` must be checked. */
export function pathInLoggedModel(ctx: Context, modelId: string, path: string): string {
  return within(findLoggedModel(ctx, modelId).artifactUri, path);
}

/** Sends a file of a version, by its name in the version's folder. */
export async function downloadOfVersion(
  ctx: Context,
  asked: { name: string; version: string; path: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const inner = checkReadPath(asked.path);
  const { row } = versionToRead(ctx, asked.name, asked.version);
  await handingOut(ctx, row, () => sendFile(ctx, request, response, fileIn(versionFiles(ctx, row), inner, inner)));
}
