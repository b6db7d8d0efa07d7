import { breather } from '../../runtime/yield-to-event-loop.ts';
import { describeFound } from './register-artifact.ts';
import { inOrder, offer, type Stamped } from '../settle/settler.ts';
import type { IngestState } from '../state.ts';
import { stampOf, type Unit } from '../artifact/files.ts';

/** Rows that are written in one transaction. */
const batch = 50;

/**
 * What a root held when it was first watched: taken in at once while it sums to no more than the limit, else only
 * listed as found, until a person says so. Watching a folder never fills a disk.
 */
export async function foundBacklog(state: IngestState, units: readonly Unit[]): Promise<void> {
  const pause = breather();
  const stamped: Stamped[] = [];
  for (const unit of units) {
    const stamp = stampOf(unit);
    if (stamp) stamped.push({ unit, stamp });
    await pause();
  }
  stamped.sort(inOrder);
  const total = stamped.reduce((sum, { stamp }) => sum + stamp.size, 0);
  const fits = total <= state.timing.backlogBytes;
  for (let at = 0; at < stamped.length && !state.closing; at += batch) {
    const some = stamped.slice(at, at + batch);
    if (fits) for (const { unit } of some) offer(state, unit);
    else
      state.artifacts.transitionAll(
        some.map(({ unit, stamp }) => describeFound(state, unit, stamp, stamped.length, total)),
      );
    await pause();
  }
}
