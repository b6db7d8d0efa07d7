import type { ThinEvent } from '../protocol/events.ts';
import type { Model } from '../protocol/model.ts';

/** State of every mirror of the registry: the models, and the loaded versions of each. */
export interface MirroredModels<Versions> {
  /** Time at which this was last known to be true, epoch ms; null before the first reply. */
  asOf: number | null;
  /** Most recently changed first. */
  models: readonly Model[];
  /** Versions by model. A map, as names come from files. */
  versions: ReadonlyMap<string, Versions>;
}

/** Returns the state after all models were read. Versions of models that are gone are dropped. Pure. */
export function withAllModels<V>(before: MirroredModels<V>, models: readonly Model[], at: number): MirroredModels<V> {
  const names = new Set(models.map(({ name }) => name));
  const versions = new Map([...before.versions].filter(([name]) => names.has(name)));
  return { asOf: at, models, versions };
}

/** Returns the state after one model was read; undefined if it no longer exists. An older reply does not replace a newer one. Pure. */
export function withModel<V>(
  before: MirroredModels<V>,
  name: string,
  model: Model | undefined,
  at: number,
): MirroredModels<V> {
  const rest = before.models.filter((known) => known.name !== name);
  if (model) {
    const models = [model, ...rest].toSorted((a, b) => b.updatedAt - a.updatedAt);
    return { asOf: at, models, versions: before.versions };
  }
  const versions = new Map(before.versions);
  versions.delete(name);
  return { asOf: at, models: rest, versions };
}

/** Lists the models that an event makes stale, each with the version that the event is about. */
export function staleModels({ type, model, number, body }: ThinEvent): { name: string; number: number | null }[] {
  if (model === null) return [];
  const { before, intoName } = body;
  const others: Partial<Record<ThinEvent['type'], unknown>> = {
    'model.renamed/1': before,
    'model.merged/1': intoName,
    'model.unmerged/1': intoName,
  };
  const other = others[type];
  return [{ name: model, number }, ...(typeof other === 'string' ? [{ name: other, number: null }] : [])];
}

/** Events after registration that concern a version's lineage or approvals. */
const aboutDetails: readonly string[] = ['version.lineage/1', 'approval.asked/1', 'approval.given/1'];

/** True for events after which the lineage and approvals of a version must be read again. */
export function makesDetailsStale({ type }: ThinEvent): boolean {
  return aboutDetails.includes(type);
}

/** Collects the models that events make stale, so that each is read once. */
export class StaleModels {
  #numbers = new Map<string, Set<number>>();

  add(event: ThinEvent): string[] {
    const stale = staleModels(event);
    for (const { name, number } of stale) {
      const numbers = this.#numbers.get(name) ?? new Set();
      if (number !== null) numbers.add(number);
      this.#numbers.set(name, numbers);
    }
    return stale.map(({ name }) => name);
  }

  /** Returns the models to read again, each with the versions that changed, and clears the list. */
  take(): [name: string, numbers: ReadonlySet<number>][] {
    const taken = [...this.#numbers];
    this.clear();
    return taken;
  }

  clear(): void {
    this.#numbers = new Map();
  }
}
