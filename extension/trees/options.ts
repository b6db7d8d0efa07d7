import * as vscode from 'vscode';
import { plainTree, type TreeOptions } from './tree-input.ts';
import { setting } from '../settings.ts';

const key = 'plinth.tree';

/** How the models' tree is shown in this workspace. What was chosen in the tree overrides the settings. */
export class Options implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onChange = this.#changed.event;
  readonly #memory: vscode.Memento;
  readonly #watch: vscode.Disposable;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
    this.#watch = vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('plinth')) this.#changed.fire();
    });
    this.#updateContext();
  }

  get now(): TreeOptions {
    const sortBy = setting<TreeOptions['sortBy']>('tree.sortBy', 'changed');
    return { ...plainTree, sortBy, ...this.#memory.get<Partial<TreeOptions>>(key) };
  }

  async choose(change: Partial<TreeOptions>): Promise<void> {
    await this.#memory.update(key, { ...this.#memory.get<Partial<TreeOptions>>(key), ...change });
    this.#updateContext();
    this.#changed.fire();
  }

  dispose(): void {
    this.#watch.dispose();
    this.#changed.dispose();
  }

  /** Sets the context keys by which menus choose between a command and its opposite. */
  #updateContext(): void {
    const { filter, showArchived } = this.now;
    void vscode.commands.executeCommand('setContext', 'plinth.filtered', filter !== '');
    void vscode.commands.executeCommand('setContext', 'plinth.archivedShown', showArchived);
  }
}
