import { readManifest } from '../../blobs/manifest.ts';
import type { Context } from '../../context.ts';
import { RegistryError } from '../../errors.ts';
import { splitReference } from '../../shared/references.ts';
import type { TensorNorms, TensorStatistics } from '../../protocol/tensors.ts';
import { workerScript, workerThread } from '../../runtime/worker-thread.ts';
import { findReference, labelOf, requireUsable } from '../versions/resolve.ts';
import type { VersionFile } from './plan.ts';
import type { TensorOperations } from './tensor-worker.ts';

export interface TensorWish {
  /** References. */
  baseline: string;
  candidate: string;
  norms?: boolean | undefined;
  /** Name for progress and cancelling; default: the two versions. */
  job?: string | undefined;
}

export interface FileWish extends Omit<TensorWish, 'candidate'> {
  /** The artifact's path, which stands for it. */
  path: string;
}

export interface DescribeWish {
  /** The artifact's path, for the name of the job. */
  path: string;
  tensor: string;
  /** Name for progress and cancelling; default: path and tensor. */
  job?: string | undefined;
}

/** Reads tensors in worker threads: one compares versions, one describes single tensors. Each does one job after another. */
export interface TensorJobs {
  /** Stops with a partial result when `gone` is aborted. Throws `not-found`, `gone`, `damaged`, and `conflict` if a job of this name is running. */
  compare(wish: TensorWish, gone?: AbortSignal): Promise<TensorNorms>;
  /** Like `compare`, with files on disk instead of a candidate. */
  compareFile(files: VersionFile[], wish: FileWish, gone?: AbortSignal): Promise<TensorNorms>;
  /** Describes the numbers of one tensor of some files. Stops when `gone` is aborted. Throws `conflict` if a job of this name is running. */
  describe(files: VersionFile[], wish: DescribeWish, gone?: AbortSignal): Promise<TensorStatistics>;
  /** Stops a job with a partial result; false if there is none of this name. */
  cancel(job: string): boolean;
  close(): Promise<void>;
}

export function tensorJobs(ctx: Context): TensorJobs {
  const script = workerScript(import.meta.url, './tensor-worker.ts');
  const comparing = workerThread<TensorOperations>(script);
  const describing = workerThread<TensorOperations>(script);
  const jobs = new Map<string, SharedArrayBuffer>();
  const run = jobRunner(ctx, jobs);
  const compareSides = (
    [before, after]: readonly [Side, Side],
    { norms = false, job }: Pick<TensorWish, 'norms' | 'job'>,
    gone: AbortSignal | undefined,
  ): Promise<TensorNorms> =>
    run(job ?? `${before.label} ${after.label}`, gone, async (cancel, report) => {
      const request = { before: before.files, after: after.files, norms, cancel };
      const reply = await comparing.call('compare', request, report);
      return { baseline: before.label, candidate: after.label, ...reply };
    });
  return {
    compare: async (wish, gone) => compareSides([sideOf(ctx, wish.baseline), sideOf(ctx, wish.candidate)], wish, gone),
    compareFile: async (files, wish, gone) =>
      compareSides([sideOf(ctx, wish.baseline), { label: wish.path, files }], wish, gone),
    describe: (files, { path, tensor, job }, gone) =>
      run(job ?? `${path} ${tensor}`, gone, async (cancel, report) => {
        const reply = await describing.call('describe', { files, tensor, cancel }, report);
        return { ...(reply ?? stopped(tensor)), cancelled: reply === null };
      }),
    cancel: (job) => {
      const flag = jobs.get(job);
      if (flag) end(flag);
      return flag !== undefined;
    },
    close: async () => {
      for (const flag of jobs.values()) end(flag);
      await Promise.all([comparing.close(), describing.close()]);
    },
  };
}

/** Runs a job that can be cancelled by its name, and adds how long it took. */
type Run = <Reply>(
  subject: string,
  gone: AbortSignal | undefined,
  act: (cancel: SharedArrayBuffer, report: (bytes: [number, number]) => void) => Promise<Reply>,
) => Promise<Reply & { tookMs: number }>;

function jobRunner(ctx: Context, jobs: Map<string, SharedArrayBuffer>): Run {
  return async (subject, gone, act) => {
    if (jobs.has(subject)) throw new RegistryError('conflict', `A job named ${subject} is already running.`);
    const cancel = new SharedArrayBuffer(4);
    jobs.set(subject, cancel);
    gone?.addEventListener('abort', () => end(cancel));
    if (gone?.aborted === true) end(cancel);
    const began = performance.now();
    const report = ([done, total]: [number, number]): void => {
      ctx.publish({ kind: 'progress', task: 'tensors', subject, done, total });
    };
    try {
      return { ...(await act(cancel, report)), tookMs: Math.round(performance.now() - began) };
    } finally {
      jobs.delete(subject);
    }
  };
}

function stopped(name: string): Omit<TensorStatistics, 'tookMs' | 'cancelled'> {
  return { name, shape: [], dtype: '', why: null, numbers: null, histogram: null, heatMap: null, bytes: 0 };
}

function end(flag: SharedArrayBuffer): void {
  Atomics.store(new Int32Array(flag), 0, 1);
}

interface Side {
  label: string;
  files: VersionFile[];
}

/** Returns the files of a version, its primary one first. */
function sideOf(ctx: Context, reference: string): Side {
  const { model, version } = splitReference(reference);
  const row = requireUsable(ctx, findReference(ctx, model, version ?? 'latest'));
  const { primary, digest } = row.body;
  const files = readManifest(ctx.blobs, digest).map(({ path, size, sha256 }) => {
    return { name: path || primary, path: ctx.blobs.pathOf(`sha256:${sha256}`), size };
  });
  const sorted = files.toSorted((a, b) => Number(b.name === primary) - Number(a.name === primary));
  return { label: labelOf(ctx, row), files: sorted };
}
