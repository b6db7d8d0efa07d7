import type * as vscode from 'vscode';
import { freshOf } from './rows/models.ts';
import type { Mirror } from '../mirror/reducer.ts';

const key = 'plinth.seen';

/** The newest version of each model when the person last looked at the tree, kept over windows. */
export class Seen {
  readonly #memory: vscode.Memento;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  /** Undefined when nobody ever looked: then nothing is new. */
  get numbers(): ReadonlyMap<string, number> | undefined {
    const known = this.#memory.get<Record<string, number>>(key);
    return known && new Map(Object.entries(known));
  }

  /** How many versions came since. */
  fresh({ models }: Mirror): number {
    const { numbers } = this;
    return models.reduce((sum, model) => sum + freshOf(model, numbers), 0);
  }

  /** Marks everything that is there at first as seen. */
  begin(mirror: Mirror): void {
    if (this.numbers === undefined && mirror.phase === 'running') void this.look(mirror);
  }

  async look({ models, asOf }: Mirror): Promise<void> {
    if (asOf !== null) await this.#memory.update(key, Object.fromEntries(models.map((m) => [m.name, m.latest ?? 0])));
  }
}
