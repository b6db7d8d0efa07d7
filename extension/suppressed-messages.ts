import * as vscode from 'vscode';

const key = 'plinth.suppressedMessages';

/** Messages that a person may turn off. Each reports a result; an error or a question is always shown. */
export const suppressibleMessages = ['undo', 'registered', 'verified', 'backedUp', 'written', 'notice'] as const;
export type SuppressibleMessage = (typeof suppressibleMessages)[number];

/** Shows messages that a person may turn off, and remembers which were, for all windows. */
export class SuppressedMessages {
  readonly #memory: vscode.Memento;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  /** Returns what is suppressed now. Leaves out what no message has as its name, as after an update. */
  get now(): readonly SuppressibleMessage[] {
    const known = this.#memory.get<unknown>(key, []);
    return suppressibleMessages.filter((message) => Array.isArray(known) && known.includes(message));
  }

  /**
   * Shows a message with buttons and returns the chosen one. A suppressed message appears in the status bar for a moment instead, so that
   * what the person did never ends without an answer.
   */
  async show(message: SuppressibleMessage, text: string, ...buttons: readonly string[]): Promise<string | undefined> {
    if (this.now.includes(message)) {
      vscode.window.setStatusBarMessage(text, 5000);
      return undefined;
    }
    const never = vscode.l10n.t("Don't Show Again");
    const chosen = await vscode.window.showInformationMessage(text, ...buttons, never);
    if (chosen !== never) return chosen;
    await this.suppress([...this.now, message]);
    return undefined;
  }

  /** Suppresses these messages and no others. */
  async suppress(messages: readonly SuppressibleMessage[]): Promise<void> {
    await this.#memory.update(key, [...new Set(messages)]);
  }
}

/** Returns what a message is about, as the title of its row. */
export function messageTitle(message: SuppressibleMessage): string {
  const titles: Record<SuppressibleMessage, string> = {
    undo: vscode.l10n.t('Results of promotions and other changes, with Undo'),
    registered: vscode.l10n.t('Registered versions'),
    verified: vscode.l10n.t('Integrity verified without damage'),
    backedUp: vscode.l10n.t('Backups that were made'),
    notice: vscode.l10n.t('Notices about what others do'),
    written: vscode.l10n.t('Exported versions and comparisons'),
  };
  return titles[message];
}
