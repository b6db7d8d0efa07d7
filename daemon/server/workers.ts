import type { Context } from '../context.ts';
import type { Ingest } from '../ingest/service.ts';
import { identifier, type Identify } from '../registry/versions/identify.ts';
import { seriesReader, type SeriesReader } from '../registry/series/series.ts';
import { tensorJobs, type TensorJobs } from '../registry/tensors/tensors.ts';

/** Slow readers, each in a worker thread of its own that starts with the first request. */
export interface Readers {
  readonly series: SeriesReader;
  readonly tensors: TensorJobs;
  readonly identify: Identify;
  close(): Promise<void>;
}

export function openReaders(ctx: Context, ingest: Ingest): Readers {
  const series = seriesReader(ctx, ingest);
  const tensors = tensorJobs(ctx);
  const close = async (): Promise<void> => void (await Promise.all([series.close(), tensors.close()]));
  return { series, tensors, identify: identifier(ctx), close };
}
