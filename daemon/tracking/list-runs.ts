import type { Context } from '../context.ts';
import { newestRuns, runView } from '../db/artifacts.ts';
import { savesOfRun } from '../db/saves.ts';
import type { Run } from '../protocol/model.ts';
import type { ListedRun, RunSave } from '../protocol/routes/watch.ts';
import { breather } from '../runtime/yield-to-event-loop.ts';
import { referenceTo } from '../shared/references.ts';
import { itemFilter } from '../shared/search/filter.ts';
import { searchableRun } from '../shared/search/searchable.ts';
import { itemSorter, namesInOrder } from '../shared/search/sort.ts';
import { trackedRuns } from './live.ts';

const ended = ['finished', 'failed', 'killed'] as const;
const maxSaves = 200;

/** Runs of each kind that a search reads, the newest first. */
const maxSearched = 10_000;

interface RunSearch {
  status?: Run['status'] | 'ended' | undefined;
  where?: string | undefined;
  sort?: string | undefined;
}

/** Returns the first `limit` runs that a filter selects, in the given order or that of `listRuns`. Throws `SearchError`. */
export async function searchRuns(
  ctx: Context,
  { status, where, sort }: RunSearch,
  limit: number,
): Promise<{ items: ListedRun[]; unknown: string[] }> {
  if (where === undefined && sort === undefined) return { items: listRuns(ctx, status ?? null, limit), unknown: [] };
  const filter = itemFilter(where ?? '', sort === undefined ? [] : namesInOrder(sort));
  const sorted = sort === undefined ? undefined : itemSorter(sort);
  const [pause, now] = [breather(), Date.now()];
  const found: ListedRun[] = [];
  for (const run of listRuns(ctx, status ?? null, maxSearched)) {
    if (filter.matches(searchableRun(run, now))) found.push(run);
    await pause();
  }
  const items = sorted ? sorted(found, (run) => searchableRun(run, now)) : found;
  return { items: items.slice(0, limit), unknown: filter.unknownNames() };
}

/** Lists runs of watched folders and of MLflow's clients: live ones first, then the newest. */
function listRuns(ctx: Context, status: Run['status'] | 'ended' | null, limit: number): ListedRun[] {
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
