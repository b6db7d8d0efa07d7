import * as vscode from 'vscode';

const key = 'plinth.compared';
/** With more columns a comparison is not readable. */
const most = 20;

/** The versions chosen for a comparison in this workspace, as `model@number`, the baseline first. */
export class Basket implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onChange = this.#changed.event;
  readonly #memory: vscode.Memento;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
    this.#updateContext();
  }

  get references(): readonly string[] {
    return this.#memory.get<string[]>(key, []);
  }

  async put(references: readonly string[]): Promise<void> {
    await this.#memory.update(key, [...new Set(references)].slice(0, most));
    this.#updateContext();
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #updateContext(): void {
    void vscode.commands.executeCommand('setContext', 'plinth.comparing', this.references.length > 0);
  }
}
