import { statSync } from 'node:fs';
import type { Context } from '../context.ts';
import { backup } from '../db/backup/backup.ts';
import { backups } from '../db/backup/backup-files.ts';
import { forgetReplies } from '../db/idempotency.ts';
import { head } from '../db/log.ts';
import { messageOf } from '../errors.ts';
import { sweep } from '../registry/garbage-collect.ts';
import { revokeExpired } from '../access/tokens.ts';
import type { Warnings } from './warnings.ts';

const dayMs = 24 * 3600 * 1000;
const checkEveryMs = 3600 * 1000;
/** The clock may be set by so much between two looks before it counts as not to be trusted. */
const maxDriftMs = 5 * 60_000;

/** Looks every hour what is due. */
export function keepHouse(ctx: Context, dataFolder: string, warnings: Warnings): { close(): void } {
  const keep = housekeeper(ctx, dataFolder, warnings, () => performance.now());
  const timer = setInterval(() => {
    keep().catch((error: unknown) => ctx.log.error('housekeeping failed', { error: String(error) }));
  }, checkEveryMs).unref();
  return { close: () => clearInterval(timer) };
}

/**
 * Each call ends what expired, and once a day makes a verified backup, sweeps and forgets what old requests were answered.
 * Nothing is done while the clock on the wall and `elapsed`, which nobody can set, disagree about the time since the call
 * before: a clock that jumped ahead would end the time to undo of everything.
 */
export function housekeeper(
  ctx: Context,
  dataFolder: string,
  warnings: Warnings,
  elapsed: () => number,
): () => Promise<void> {
  const isSteady = steadiness(ctx.now, elapsed);
  let keptAt: number | undefined;
  let expired = new Set<string>();
  return async () => {
    if (!isSteady()) return ctx.log.warn('housekeeping left out: the clock was set');
    expired = await revokeExpired(ctx, expired);
    const last = Math.max(keptAt ?? 0, newestBackupAt(dataFolder, ctx.now()));
    if (ctx.now() - last < dayMs || head(ctx.db).seq === 0) return;
    keptAt = ctx.now();
    forgetReplies(ctx.db, ctx.now() - 7 * dayMs);
    await backedUp(ctx, dataFolder, warnings);
    const { refusal } = await sweep(ctx);
    warnings.say('sweep', refusal);
  };
}

async function backedUp(ctx: Context, dataFolder: string, warnings: Warnings): Promise<void> {
  try {
    await backup(ctx.db, dataFolder, ctx.now());
    warnings.say('backup', undefined);
  } catch (error) {
    warnings.say('backup', `The daily backup could not be made: ${messageOf(error)}`);
    throw error;
  }
}

/** When the newest backup was made; one of a time to come, from a clock that was ahead, counts for nothing. */
function newestBackupAt(dataFolder: string, now: number): number {
  const times = backups(dataFolder).map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return Math.max(0, ...times.filter((time) => time <= now));
}

/** True where as much time passed on the wall as in truth since the call before. Time asleep counts as a jump, which the next call knows. */
function steadiness(now: () => number, elapsed: () => number): () => boolean {
  let before = now() - elapsed();
  return () => {
    const offset = now() - elapsed();
    const moved = Math.abs(offset - before);
    before = offset;
    return moved <= maxDriftMs;
  };
}
