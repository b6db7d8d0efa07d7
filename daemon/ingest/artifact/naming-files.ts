import { stemsIn } from './siblings.ts';
import { modelName } from './naming.ts';
import type { IngestState } from '../state.ts';
import type { Unit } from './files.ts';

/** The model that a unit is a version of: by plinth.yaml where that names one, else by where it lies. */
export function nameOf(state: Pick<IngestState, 'disk' | 'rules'>, unit: Unit): string {
  const ruled = state.rules.rulingFor(unit.path, unit.root)?.model;
  const others = stemsIn(state.disk, unit.root, unit.folder).size - 1;
  const { folder, claim } = unit;
  const plain = { folder, primary: claim.primary, wholeFolder: claim.wholeFolder };
  return modelName(unit.root, plain, Math.max(0, others), ruled);
}
