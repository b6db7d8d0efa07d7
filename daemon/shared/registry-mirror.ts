import type { ThinEvent } from '../protocol/events.ts';
import type { Model } from '../protocol/model.ts';

/** Common to every mirror of the registry: the models, and the versions of each that were read. */
export interface MirroredModels<Versions> {
  /** When this was last known to be true, epoch ms; null before the first answer. */
  asOf: number | null;
  /** Most recently changed first. */
  models: readonly Model[];
  /** By model: names come from files, so no plain object holds them. */
  versions: ReadonlyMap<string, Versions>;
}

/** After every model was read anew: what was read of those that are gone is forgotten. Pure. */
export function withAllModels<V>(before: MirroredModels<V>, models: readonly Model[], at: number): MirroredModels<V> {
  const names = new Set(models.map(({ name }) => name));
  const versions = new Map([...before.versions].filter(([name]) => names.has(name)));
  return { asOf: at, models, versions };
}

/** After one model was read again; undefined where none goes by that name any more. An older answer does not go first. Pure. */
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

/** Events about where a version came from, or what people said of it: they come after it was registered. */
const aboutDetails: readonly string[] = ['version.lineage/1', 'approval.asked/1', 'approval.given/1'];

/** True for events after which the lineage and approvals of a version must be read again. */
export function makesDetailsStale({ type }: ThinEvent): boolean {
  return aboutDetails.includes(type);
}

/** Gathers what a crowd of events makes old, so that each model is read once. */
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

  /** The models to be read again, with the versions that something happened to; the next call has only what came after. */
  take(): [name: string, numbers: ReadonlySet<number>][] {
    const taken = [...this.#numbers];
    this.clear();
    return taken;
  }

  clear(): void {
    this.#numbers = new Map();
  }
}
