import { describeFound } from './make.ts';
import { totalSize } from './scan.ts';
import { offer } from './settle.ts';
import { record, type IngestState } from './state.ts';
import { stampOf, type Unit } from './unit.ts';

/**
 * What a root held when it was first watched: taken in at once while it sums to no more than the limit, else only
 * listed as found, until a person says so. Watching a folder never fills a disk.
 */
export function foundBacklog(state: IngestState, units: readonly Unit[]): void {
  const total = totalSize(units);
  if (total <= state.timing.backlogBytes) {
    for (const unit of units) offer(state, unit);
    return;
  }
  for (const unit of units) {
    const stamp = stampOf(unit);
    if (stamp) record(state, describeFound(state, unit, stamp, units.length, total));
  }
}
