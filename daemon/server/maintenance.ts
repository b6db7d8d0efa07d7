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
/** Clock step between two checks from which on the clock is not trusted. */
const maxDriftMs = 5 * 60_000;

/** Checks every hour which maintenance is due. */
export function keepHouse(ctx: Context, dataFolder: string, warnings: Warnings): { close(): void } {
  const keep = housekeeper(ctx, dataFolder, warnings, () => performance.now());
  const timer = setInterval(() => {
    keep().catch((error: unknown) => ctx.log.error('housekeeping failed', { error: String(error) }));
  }, checkEveryMs).unref();
  return { close: () => clearInterval(timer) };
}

/**
 * Creates the maintenance function. Each call ends what has expired and, once a day, makes a verified backup, sweeps, and deletes
 * old idempotent replies. Does nothing if the system's clock and `elapsed`, which nobody can set, disagree about the time since
 * the last call: a clock that jumped ahead would end the time to undo for everything.
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

/** Returns the time of the newest backup. One in the future, by a clock that was ahead, is ignored. */
function newestBackupAt(dataFolder: string, now: number): number {
  const times = backups(dataFolder).map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return Math.max(0, ...times.filter((time) => time <= now));
}

/**
 * Returns a function that returns true if the clock has advanced as much as time has really passed since its last call. Sleep
 * counts as a jump, which the following call accepts.
 */
function steadiness(now: () => number, elapsed: () => number): () => boolean {
  let before = now() - elapsed();
  return () => {
    const offset = now() - elapsed();
    const moved = Math.abs(offset - before);
    before = offset;
    return moved <= maxDriftMs;
  };
}
