import type * as vscode from 'vscode';
import { freshOf } from './rows/models.ts';
import type { Mirror } from '../mirror/reducer.ts';

const key = 'plinth.seen';

/** The newest version of each model when the person last looked at the tree, remembered across windows. */
export class Seen {
  readonly #memory: vscode.Memento;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  /** Undefined when the person never looked. Then no version counts as new. */
  get numbers(): ReadonlyMap<string, number> | undefined {
    const known = this.#memory.get<Record<string, number>>(key);
    return known && new Map(Object.entries(known));
  }

  /** Returns how many versions are newer. */
  fresh({ models }: Mirror): number {
    const { numbers } = this;
    return models.reduce((sum, model) => sum + freshOf(model, numbers), 0);
  }

  /** Marks everything as seen when the person has never looked. */
  begin(mirror: Mirror): void {
    if (this.numbers === undefined && mirror.phase === 'running') void this.look(mirror);
  }

  async look({ models, asOf }: Mirror): Promise<void> {
    if (asOf !== null) await this.#memory.update(key, Object.fromEntries(models.map((m) => [m.name, m.latest ?? 0])));
  }
}
