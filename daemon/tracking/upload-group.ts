import { posix } from 'node:path';
import type { Context } from '../context.ts';
import { putUpload, type Upload } from '../db/tracking/uploads.ts';
import { RegistryError, messageOf } from '../errors.ts';
import { write } from './write.ts';

/**
 * Uploads that were answered and are not on disk yet: small files that come one after another are flushed together, soon,
 * and get their rows after that. Whoever reads rows of uploads waits for them first. A version never names a file that is
 * still among them.
 */
interface Group {
  /** By path; of one that came twice the later. */
  waiting: Map<string, Upload>;
  /** The paths above those, with how many lie below. */
  folders: Map<string, number>;
  /** When the first of them came; undefined while there are none. */
  since: number | undefined;
  timer: NodeJS.Timeout | undefined;
  /** The flush that is going on. */
  flushing: Promise<void>;
}

/** So long after its answer the flush of an upload begins, which leaves it most of the second that is promised. */
const flushAfterMs = 30;
/** Where a disk is so slow that uploads have waited for this long, the next one is answered when it is on disk. */
const patienceMs = 300;
/** What keeps a flush from succeeding, as a full disk does, may pass. */
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

/** Notes an upload whose bytes the blob store has taken. Resolves when it may be answered. */
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

/** Resolves when everything that was answered is on disk and has its row. Rejects as the disk does; what waits then goes on waiting. */
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
