import { existsSync } from 'node:fs';
import { artifactsInState } from '../../db/artifacts.ts';
import type { ArtifactState } from '../../protocol/model.ts';
import { foundBacklog } from '../register/backlog.ts';
import { breather } from '../../runtime/yield-to-event-loop.ts';
import { forgetVanished, noteOdd, walk, wanted } from './scan-folder.ts';
import { inOrder, news, offer, type Stamped } from '../settle/settler.ts';
import type { IngestState, Scanned, WatchedRoot } from '../state.ts';
import { unitAtPath, type Stamp, type Unit } from '../artifact/files.ts';

/** Rights may change without the bytes: what could not be read is tried at every scan, all that was refused when somebody asks. */
const unreadable: readonly ArtifactState[] = ['unreadable'];
export const refused: readonly ArtifactState[] = ['unreadable', 'ignored'];

/**
 * The truth: reads a root from disk and takes notice of every unit in it, and of those that are gone. One scan of a root
 * goes on at a time; what is asked for meanwhile is one scan after it. Units in the states `again` count as not known.
 */
export function scanRoot(state: IngestState, root: WatchedRoot, again = unreadable): Promise<Scanned> {
  for (const one of again) root.again.add(one);
  root.next ??= root.scanning.then(() => {
    root.next = undefined;
    const asked = new Set(root.again);
    root.again.clear();
    const scan = scanNow(state, root, asked);
    root.scanning = scan.catch(() => undefined);
    return scan;
  });
  return root.next;
}

async function scanNow(state: IngestState, root: WatchedRoot, again: ReadonlySet<ArtifactState>): Promise<Scanned> {
  const started = performance.now();
  const seen: Unit[] = [];
  const changed: Stamped[] = [];
  const files = await walk(state, root.path, root.path, (units, listing) => {
    noteOdd(state, root.path, listing);
    const chosen = wanted(state, units);
    if (root.fresh) seen.push(...chosen);
    else changed.push(...chosen.flatMap((unit) => stamped(unit, news(state, unit, again))));
  });
  if (root.fresh) await foundBacklog(state, seen);
  for (const { unit } of changed.toSorted(inOrder)) offer(state, unit, again);
  root.fresh = false;
  if (existsSync(root.path)) await forgetVanished(state, root.path);
  root.lastScanAt = state.ctx.now();
  const tookMs = Math.round(performance.now() - started);
  if (!state.closing) state.ctx.publish({ kind: 'scan', root: root.path, files, tookMs });
  return { files, tookMs };
}

function stamped(unit: Unit, stamp: Stamp | undefined): Stamped[] {
  return stamp ? [{ unit, stamp }] : [];
}

export async function scanAll(state: IngestState): Promise<void> {
  for (const root of state.roots.values())
    await scanRoot(state, root).catch((error: unknown) => {
      if (!state.closing) state.ctx.log.error('a scan failed', { root: root.path, error: String(error) });
    });
}

const found: ReadonlySet<ArtifactState> = new Set(['found']);

/** Takes in what a root, or a folder in one, held when it was first watched. */
export async function registerFound(
  state: IngestState,
  asked: string,
): Promise<{ registered: number; skipped: number }> {
  let registered = 0;
  let skipped = 0;
  const pause = breather();
  for (let after = ''; ;) {
    const rows = artifactsInState(state.ctx.db, 'found', after, 500);
    for (const { root, path } of rows) {
      const isAsked = root === asked || path.startsWith(`${asked}/`);
      const unit = isAsked ? unitAtPath(state.disk, root, path) : undefined;
      if (unit) offer(state, unit, found);
      if (unit) registered += 1;
      else skipped += 1;
      await pause();
    }
    const last = rows.at(-1);
    if (!last || rows.length < 500) return { registered, skipped };
    after = last.path;
  }
}
