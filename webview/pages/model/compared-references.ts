import type { Model } from '../../../daemon/protocol/model.ts';
import { referenceTo } from '../../../daemon/shared/references.ts';

/** Returns versions in the order in which they are compared: the one in production first, as the baseline, the others by number. */
export function comparedReferences(model: Pick<Model, 'name' | 'pointers'>, numbers: Iterable<number>): string[] {
  const production = productionOf(model);
  const sorted = [...numbers].toSorted((a, b) => Number(b === production) - Number(a === production) || a - b);
  return sorted.map((number) => referenceTo(model.name, number));
}

/** Returns the number of the version in production; null for none. */
export function productionOf({ pointers }: Pick<Model, 'pointers'>): number | null {
  return pointers.find(({ name, kind }) => kind === 'stage' && name === 'production')?.holder ?? null;
}
