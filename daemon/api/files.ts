import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Transform } from 'node:stream';
import type { Request, Response } from 'express';
import { readManifest } from '../blobs/manifest.ts';
import { RegistryError } from '../errors.ts';
import { findModel, findVersion, usable } from '../registry/resolve.ts';
import type { Service } from './service.ts';

/** Sends one file of a version, named inside its manifest and nowhere else, hashed while it streams. */
export async function serveFile(service: Service, request: Request, response: Response): Promise<void> {
  const { ctx } = service;
  const model = findModel(ctx, String(request.params['model']));
  const version = usable(ctx, findVersion(ctx, model, String(request.params['version'])));
  const wanted = ([] as string[]).concat(request.params['path'] ?? []).join('/');
  const file = readManifest(ctx.blobs, version.body.digest).find(
    (known) => (known.path || version.body.primary) === wanted,
  );
  if (!file) throw new RegistryError('not-found', `${model.name}@${version.number} has no file ${wanted}`);
  response.type('application/octet-stream');
  response.setHeader('content-length', file.size);
  response.setHeader('content-disposition', 'attachment');
  response.setHeader('x-content-sha256', file.sha256);
  await pipeline(createReadStream(ctx.blobs.pathOf(`sha256:${file.sha256}`)), verifying(file.sha256), response);
}

/** Holds the last chunk back until the digest fits: a damaged file is cut short, never delivered whole. */
function verifying(sha256: string): Transform {
  const hash = createHash('sha256');
  let held: Buffer | undefined;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      const send = held;
      held = chunk;
      done(null, send);
    },
    flush(done) {
      if (hash.digest('hex') === sha256) done(null, held);
      else done(new RegistryError('damaged', 'the file is damaged; run: plinth verify'));
    },
  });
}
