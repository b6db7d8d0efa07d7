import type { Request, Response } from 'express';
import { readManifest } from '../../blobs/manifest.ts';
import { RegistryError } from '../../errors.ts';
import { findModel, findVersion, usable } from '../../registry/versions/resolve.ts';
import { handingOut } from '../../registry/verify/version.ts';
import type { Service } from '../service.ts';

/** Sends one file of a version, named inside its manifest and nowhere else, verified on the way. */
export async function serveFile(service: Service, request: Request, response: Response): Promise<void> {
  const { ctx } = service;
  const model = findModel(ctx, String(request.params['model']));
  const version = usable(ctx, findVersion(ctx, model, String(request.params['version'])));
  const wanted = ([] as string[]).concat(request.params['path'] ?? []).join('/');
  const files = await handingOut(ctx, version, () => readManifest(ctx.blobs, version.body.digest));
  const file = files.find((known) => (known.path || version.body.primary) === wanted);
  if (!file) throw new RegistryError('not-found', `${model.name}@${version.number} has no file ${wanted}`);
  response.type('application/octet-stream');
  response.setHeader('content-length', file.size);
  response.setHeader('content-disposition', 'attachment');
  response.setHeader('x-content-sha256', file.sha256);
  await handingOut(ctx, version, () => ctx.blobs.send(`sha256:${file.sha256}`, file.size, response));
}
