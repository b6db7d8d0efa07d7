import type { Context } from './context.ts';
import { backup, backups } from './db/backup.ts';
import { forgetReplies } from './db/idempotency.ts';
import { head } from './db/log.ts';
import { statSync } from 'node:fs';
import { sweep } from './registry/sweep.ts';

const dayMs = 24 * 3600 * 1000;
const checkEveryMs = 3600 * 1000;

/** Once a day: a verified backup, the sweep, and forgetting what old requests were answered. */
export function keepHouse(ctx: Context, dataFolder: string): { close(): void } {
  let keptAt = 0;
  const keep = async (): Promise<void> => {
    const newest = backups(dataFolder)[0];
    const backedUpAt = newest === undefined ? 0 : statSync(newest).mtimeMs;
    if (ctx.now() - Math.max(keptAt, backedUpAt) < dayMs || head(ctx.db).seq === 0) return;
    keptAt = ctx.now();
    forgetReplies(ctx.db, ctx.now() - 7 * dayMs);
    await backup(ctx.db, dataFolder, ctx.now());
    await sweep(ctx);
  };
  const timer = setInterval(() => {
    keep().catch((error: unknown) => ctx.log.error('housekeeping failed', { error: String(error) }));
  }, checkEveryMs).unref();
  return { close: () => clearInterval(timer) };
}
