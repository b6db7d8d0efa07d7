import { closeSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { resultOf, type GroupedResult } from '../runtime/grouped-calls.ts';
import { copyToTemp, knownBytes, writeToTemp, type Owned, type OpenTemp } from './copy.ts';
import { notDurable, syncFileSoon, syncFolderSoon } from './durable.ts';
import { blobPath, findBlob, flushedNames, makeReadOnly, nameBlob, type Found, type Sealed } from './seal.ts';

/** A small file below a folder, or bytes from memory. */
export type StoreJob = { source: string; root: string } | { bytes: Uint8Array };

interface Step extends OpenTemp {
  found: Found;
  sealed: Sealed;
}

type Steps = readonly GroupedResult<Step>[];

/**
 * Stores small files and bytes together, each as `ownFile` and `ownBytes` do: written, hashed, made read-only, flushed, named, and
 * its name flushed. The flushes overlap, and each folder is flushed once, after all names. An error of one job is that job's
 * result. After a flush that failed, none counts as stored.
 */
export async function storeAll(store: string, jobs: readonly StoreJob[]): Promise<GroupedResult<Owned>[]> {
  const known = new Map(jobs.map((job) => [job, 'bytes' in job ? knownBytes(store, job.bytes) : undefined]));
  const rest = jobs.filter((job) => known.get(job) === undefined);
  const stored = new Map((await storeNew(store, rest)).map((result, index) => [rest[index], result]));
  return jobs.map((job) => {
    const owned = known.get(job);
    return (owned ? { reply: owned } : stored.get(job)) ?? { failure: { message: 'a file was not stored' } };
  });
}

async function storeNew(store: string, jobs: readonly StoreJob[]): Promise<GroupedResult<Owned>[]> {
  const opened: OpenTemp[] = [];
  try {
    const written = await Promise.all(jobs.map((job) => resultOf(() => writeJob(store, job, opened))));
    const flushed = await continueEach(written, async ({ handle, found }) => {
      if (found !== 'sound') await syncFileSoon(handle);
    });
    const named = await continueEach(flushed, (step) => {
      step.sealed = nameBlob(store, step, step.found);
    });
    const durable = await flushNames(store, named);
    const failed = durable.find((one) => 'failure' in one && one.failure.code === notDurable);
    return durable.map((one) => (failed && 'failure' in failed ? failed : 'failure' in one ? one : ownedBy(one.reply)));
  } finally {
    for (const { handle, temp } of opened) {
      closeSync(handle);
      // After a rename nothing is there.
      rmSync(temp, { force: true });
    }
  }
}

function writeJob(store: string, job: StoreJob, opened: OpenTemp[]): Step {
  const temp = 'bytes' in job ? writeToTemp(store, job.bytes) : copyToTemp(store, job.source, job.root);
  opened.push(temp);
  const found = findBlob(store, temp);
  if (found !== 'sound') makeReadOnly(temp.temp);
  return { ...temp, found, sealed: { fresh: false, healed: false } };
}

/** Goes on with each job that has not failed. */
function continueEach(steps: Steps, act: (step: Step) => void | Promise<void>): Promise<GroupedResult<Step>[]> {
  return Promise.all(
    steps.map(async (one) => {
      if ('failure' in one) return one;
      return resultOf(async () => {
        await act(one.reply);
        return one.reply;
      });
    }),
  );
}

/** Flushes each folder once. A name that may not be on disk is removed, so that no later writer of the same bytes finds it. */
async function flushNames(store: string, steps: Steps): Promise<GroupedResult<Step>[]> {
  const folderOf = ({ sha256 }: Step): string => dirname(blobPath(store, sha256));
  const inside = Map.groupBy(
    steps.flatMap((one) => ('failure' in one ? [] : [one.reply])),
    folderOf,
  );
  const flushes = new Map(
    [...inside].map(([folder, named]) => [
      folder,
      resultOf(async () => {
        const remember = flushedNames(store, named);
        await syncFolderSoon(folder);
        remember();
      }),
    ]),
  );
  return continueEach(steps, async (step) => {
    const flushed = await flushes.get(folderOf(step));
    if (!flushed || !('failure' in flushed)) return;
    if (step.sealed.fresh) rmSync(blobPath(store, step.sha256), { force: true });
    throw Object.assign(new Error(flushed.failure.message), { code: flushed.failure.code });
  });
}

function ownedBy({ sha256, size, sealed }: Step): GroupedResult<Owned> {
  return { reply: { sha256, size, ...sealed } };
}
