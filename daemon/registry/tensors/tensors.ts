import { readManifest } from '../../blobs/manifest.ts';
import type { Context } from '../../context.ts';
import { RegistryError } from '../../errors.ts';
import { splitReference } from '../../shared/references.ts';
import type { TensorNorms } from '../../protocol/tensors.ts';
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

/** Compares the tensors of two versions in a worker thread, one job after another. */
export interface TensorJobs {
  /** Stops with a partial result when `gone` is aborted. Throws `not-found`, `gone`, `damaged`, and `conflict` if a job of this name is running. */
  compare(wish: TensorWish, gone?: AbortSignal): Promise<TensorNorms>;
  /** Stops a job with a partial result; false if there is none of this name. */
  cancel(job: string): boolean;
  close(): Promise<void>;
}

export function tensorJobs(ctx: Context): TensorJobs {
  const thread = workerThread<TensorOperations>(workerScript(import.meta.url, './tensor-worker.ts'));
  const jobs = new Map<string, SharedArrayBuffer>();
  return {
    compare: async ({ baseline, candidate, norms = false, job }, gone) => {
      const [before, after] = [sideOf(ctx, baseline), sideOf(ctx, candidate)];
      const subject = job ?? `${before.label} ${after.label}`;
      if (jobs.has(subject)) throw new RegistryError('conflict', `A comparison named ${subject} is already running.`);
      const cancel = new SharedArrayBuffer(4);
      jobs.set(subject, cancel);
      gone?.addEventListener('abort', () => end(cancel));
      if (gone?.aborted === true) end(cancel);
      const began = performance.now();
      const reportProgress = ([done, total]: [number, number]): void => {
        ctx.publish({ kind: 'progress', task: 'tensors', subject, done, total });
      };
      try {
        const request = { before: before.files, after: after.files, norms, cancel };
        const reply = await thread.call('compare', request, reportProgress);
        const tookMs = Math.round(performance.now() - began);
        return { baseline: before.label, candidate: after.label, ...reply, tookMs };
      } finally {
        jobs.delete(subject);
      }
    },
    cancel: (job) => {
      const flag = jobs.get(job);
      if (flag) end(flag);
      return flag !== undefined;
    },
    close: async () => {
      for (const flag of jobs.values()) end(flag);
      await thread.close();
    },
  };
}

function end(flag: SharedArrayBuffer): void {
  Atomics.store(new Int32Array(flag), 0, 1);
}

/** Returns the files of a version, its primary one first. */
function sideOf(ctx: Context, reference: string): { label: string; files: VersionFile[] } {
  const { model, version } = splitReference(reference);
  const row = requireUsable(ctx, findReference(ctx, model, version ?? 'latest'));
  const { primary, digest } = row.body;
  const files = readManifest(ctx.blobs, digest).map(({ path, size, sha256 }) => {
    return { name: path || primary, path: ctx.blobs.pathOf(`sha256:${sha256}`), size };
  });
  const sorted = files.toSorted((a, b) => Number(b.name === primary) - Number(a.name === primary));
  return { label: labelOf(ctx, row), files: sorted };
}
