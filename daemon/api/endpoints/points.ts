import type { Request, Response } from 'express';
import { pointsCountHeader, pointsTotalHeader } from '../../protocol/series.ts';
import type { CutSeries } from '../../registry/series/series.ts';
import { parseRequest } from '../validate.ts';
import * as schema from '../schema.ts';
import type { Service } from '../service.ts';
import { splitReferences } from '../../shared/references.ts';

/** `GET /series/points`: little-endian Float64 triples, as `protocol/series.ts` says. */
export async function servePoints(service: Service, request: Request, response: Response): Promise<void> {
  const { versions, metric, points } = parseRequest(schema.points, request.query);
  const columns = await service.series.points(splitReferences(versions), metric, points);
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
