import type { Context } from '../context.ts';
import { runById, runView } from '../db/artifacts.ts';

/** Tells clients that these runs of watched folders, or their saves, may have changed. */
export function announceRuns(ctx: Pick<Context, 'db' | 'publish'>, ids: readonly string[]): void {
  for (const id of ids) {
    const row = runById(ctx.db, id);
    if (row) ctx.publish({ kind: 'run', run: runView(row) });
  }
}
