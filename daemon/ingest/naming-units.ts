import { stemsIn } from './beside.ts';
import type { Disk } from './disk.ts';
import { modelName } from './naming.ts';
import type { Unit } from './unit.ts';

/** The model that a unit is a version of while nobody says otherwise. */
export function nameOf(disk: Disk, unit: Unit): string {
  const others = stemsIn(disk, unit.root, unit.folder).size - 1;
  return modelName(
    unit.root,
    { folder: unit.folder, primary: unit.claim.primary, wholeFolder: unit.claim.wholeFolder },
    Math.max(0, others),
  );
}
