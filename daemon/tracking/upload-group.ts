import { posix } from 'node:path';
import type { Context } from '../context.ts';
import { putUpload, type Upload } from '../db/tracking/uploads.ts';
import { RegistryError, messageOf } from '../errors.ts';
import { write } from './write.ts';

/**
 * Uploads that were answered and are not on disk yet. Small files that arrive one after another are flushed together and get
 * their rows afterwards. Readers of upload rows wait for that first, so a version never refers to a file that is not on disk.
 */
interface Group {
  /** Uploads by path; of repeated ones the last. */
  waiting: Map<string, Upload>;
  /** Folders above those files, with the number of files below each. */
  folders: Map<string, number>;
  /** Arrival of the first of them; undefined for none. */
  since: number | undefined;
  timer: NodeJS.Timeout | undefined;
  /** The flush in progress. */
  flushing: Promise<void>;
}

/** Milliseconds after an upload's answer until its flush starts, which leaves most of the promised second for the flush. */
const flushAfterMs = 150;
/** If uploads have waited for this long because the disk is slow, the next one is answered only when it is on disk. */
const patienceMs = 400;
/** Milliseconds until a failed flush is repeated, as its cause, such as a full disk, may pass. */
const againAfterMs = 1000;

const groups = new WeakMap<Context['db'], Group>();

function groupOf({ db }: Context): Group {
  const known = groups.get(db);
  if (known) return known;
  const made: Group = {
    waiting: new Map(),
    folders: new Map(),
    since: undefined,
    timer: undefined,
    flushing: Promise.resolve(),
  };
  groups.set(db, made);
  return made;
}

export function isWaiting(ctx: Context, path: string): boolean {
  return groupOf(ctx).waiting.has(path);
}

export function isWaitingFolder(ctx: Context, path: string): boolean {
  return groupOf(ctx).folders.has(path);
}

/** Adds an upload whose bytes the blob store has taken. Resolves when it may be answered. */
export async function addWaiting(ctx: Context, upload: Upload): Promise<void> {
  const group = groupOf(ctx);
  group.since ??= performance.now();
  if (!group.waiting.has(upload.path)) countAbove(group, upload.path, 1);
  group.waiting.set(upload.path, upload);
  flushSoon(ctx, group, flushAfterMs);
  if (performance.now() - group.since > patienceMs) await settleUploads(ctx);
}

function countAbove({ folders }: Group, path: string, more: number): void {
  for (let above = posix.dirname(path); above !== '.'; above = posix.dirname(above)) {
    const count = (folders.get(above) ?? 0) + more;
    if (count > 0) folders.set(above, count);
    else folders.delete(above);
  }
}

function flushSoon(ctx: Context, group: Group, ms: number): void {
  group.timer ??= setTimeout(() => {
    group.timer = undefined;
    settleUploads(ctx).catch((error: unknown) => {
      ctx.log.error('uploads were not flushed', { error: messageOf(error) });
      if (ctx.blobs.failure === undefined) flushSoon(ctx, group, againAfterMs);
    });
  }, ms).unref();
}

/** Resolves when every answered upload is on disk and has its row. Rejects with the disk's error; the uploads keep waiting then. */
export async function settleUploads(ctx: Context): Promise<void> {
  const group = groupOf(ctx);
  if (group.waiting.size === 0) return group.flushing;
  const next = group.flushing.catch(() => undefined).then(() => flush(ctx, group));
  group.flushing = next.catch(() => undefined);
  return next;
}

async function flush(ctx: Context, group: Group): Promise<void> {
  const uploads = [...group.waiting.values()];
  if (uploads.length === 0) return;
  const began = performance.now();
  await ctx.blobs.settle();
  const lost = uploads.filter(({ digest, size }) => ctx.blobs.sizeOf(digest) !== size);
  await write(ctx, () => {
    for (const upload of uploads) if (!lost.includes(upload)) putUpload(ctx.db, upload, ctx.now());
  });
  for (const upload of uploads) {
    if (group.waiting.get(upload.path) !== upload) continue;
    group.waiting.delete(upload.path);
    countAbove(group, upload.path, -1);
  }
  group.since = group.waiting.size > 0 ? began : undefined;
  const [first] = lost;
  if (!first) return;
  const { digest } = first;
  throw new RegistryError('conflict', 'The uploaded files are no longer in the store. Upload them again.', { digest });
}
