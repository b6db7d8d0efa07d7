import * as z from 'zod';
import { readManifest } from '../../blobs/manifest.ts';
import { RegistryError } from '../../errors.ts';
import { maxPoints, pointsCountHeader, pointsTotalHeader, usualPoints } from '../../protocol/series.ts';
import type { CutSeries } from '../../registry/series/series.ts';
import { handingOut } from '../../registry/verify/version.ts';
import { findReference, labelOf, requireUsable } from '../../registry/versions/resolve.ts';
import { splitReferences } from '../../shared/references.ts';
import type { Exchange, RawRows } from '../route.ts';
import { references, text } from '../schema.ts';
import { keptReport } from './version-detail.ts';
import type { Service } from '../service.ts';
import { parseRequest } from '../validate.ts';

const points = z.strictObject({
  ...references,
  metric: text,
  points: z.coerce.number().int().min(4).max(maxPoints).default(usualPoints),
});

const reported = z.strictObject({ path: text });

/** Routes that reply with bytes. */
export const versionBytes = {
  'GET /series/points': {
    role: 'viewer',
    touches: 'nothing',
    documented: points,
    handler: servePoints,
  },
  'GET /models/:model/versions/:version/files/*path': {
    role: 'viewer',
    touches: 'nothing',
    documented: z.object({ model: z.string(), version: z.string(), path: z.string() }),
    handler: serveFile,
  },
  'GET /models/:model/versions/:version/report': {
    role: 'viewer',
    touches: 'nothing',
    documented: z.object({ model: z.string(), version: z.string(), path: z.string() }),
    handler: serveReport,
  },
} satisfies RawRows;

/** Sends a picture or report of a version. Opened as a document, it runs nothing. */
async function serveReport({ ctx }: Service, { request, response }: Exchange): Promise<void> {
  const row = findReference(ctx, String(request.params['model']), String(request.params['version']));
  const { digest, size, type } = keptReport(ctx, row, parseRequest(reported, request.query).path);
  response.type(type);
  response.setHeader('content-length', size);
  response.setHeader('content-disposition', 'attachment');
  response.setHeader('content-security-policy', "default-src 'none'; sandbox");
  await ctx.blobs.send(digest, size, response);
}

/** Sends one file of a version, by its path in the manifest, and verifies it while sending. */
async function serveFile({ ctx }: Service, { request, response }: Exchange): Promise<void> {
  const named = findReference(ctx, String(request.params['model']), String(request.params['version']));
  const version = requireUsable(ctx, named);
  const wanted = ([] as string[]).concat(request.params['path'] ?? []).join('/');
  const files = await handingOut(ctx, version, () => readManifest(ctx.blobs, version.body.digest));
  const file = files.find((known) => (known.path || version.body.primary) === wanted);
  if (!file) throw new RegistryError('not-found', `${labelOf(ctx, version)} has no file ${wanted}.`);
  response.type('application/octet-stream');
  response.setHeader('content-length', file.size);
  response.setHeader('content-disposition', 'attachment');
  response.setHeader('x-content-sha256', file.sha256);
  await handingOut(ctx, version, () => ctx.blobs.send(`sha256:${file.sha256}`, file.size, response));
}

/** Sends `GET /series/points`: little-endian Float64 triples, see `protocol/series.ts`. */
async function servePoints(service: Service, { request, response }: Exchange): Promise<void> {
  const { versions, metric, points: wanted } = parseRequest(points, request.query);
  const columns = await service.series.points(splitReferences(versions), metric, wanted);
  response.setHeader(pointsCountHeader, columns.map(({ kept }) => kept.length / 3).join(','));
  response.setHeader(pointsTotalHeader, columns.map(({ total }) => total).join(','));
  response.type('application/octet-stream');
  response.end(encoded(columns));
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function encoded(columns: readonly CutSeries[]): Buffer {
  const parts = columns.map(({ kept }) => Buffer.from(kept.buffer, kept.byteOffset, kept.byteLength));
  const whole = Buffer.concat(parts);
  return isLittleEndian ? whole : whole.swap64();
}
