import type { Context } from '../context.ts';
import { newestRuns, runView } from '../db/artifacts.ts';
import { savesOfRun } from '../db/saves.ts';
import type { Run } from '../protocol/model.ts';
import type { ListedRun, RunSave } from '../protocol/routes/watch.ts';
import { referenceTo } from '../shared/references.ts';
import { trackedRuns } from './live.ts';

const ended = ['finished', 'failed', 'killed'] as const;
const maxSaves = 200;

/** Lists runs of watched folders and of MLflow's clients: live ones first, then the newest. */
export function listRuns(ctx: Context, status: Run['status'] | 'ended' | null, limit: number): ListedRun[] {
  const wanted = status === 'ended' ? ended : status === null ? (['running', ...ended] as const) : [status];
  const seen = newestRuns(ctx.db, wanted, limit).map((row) => ({ ...runView(row), saves: savesIn(ctx, row.id) }));
  const tracked = wanted.flatMap((one) => trackedRuns(ctx, one, limit)).map((run) => ({ ...run, saves: [] }));
  const isLive = ({ status: is }: Run): number => Number(is === 'running');
  return [...seen, ...tracked].toSorted((a, b) => isLive(b) - isLive(a) || b.updatedAt - a.updatedAt).slice(0, limit);
}

function savesIn(ctx: Context, run: string): RunSave[] {
  return savesOfRun(ctx.db, run)
    .slice(-maxSaves)
    .map(({ path, size, writtenAt, metrics, version, model, kept, lost }) => ({
      path,
      size,
      writtenAt,
      metrics,
      version: version === null || model === null ? null : referenceTo(model, version),
      kept: kept !== null && version === null,
      lost,
    }));
}
