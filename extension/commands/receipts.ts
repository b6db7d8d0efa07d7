import * as vscode from 'vscode';
import { RegistryError } from '../../daemon/errors.ts';
import type { Pointer } from '../../daemon/protocol/model.ts';
import type { Receipt } from '../../daemon/protocol/routes/pointers.ts';
import type { Extension } from '../context.ts';
import { ageText } from '../../daemon/shared/format.ts';
import { pointerText, currentVersionText } from '../../daemon/shared/event-text.ts';

/** Reports a transition and offers to undo it. */
export function reportReceipt(extension: Extension, receipt: Receipt, isRollback = false): void {
  const pointer = pointerText(receipt);
  if (!receipt.changed) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('{0} {1} already points to {2}.', receipt.model, pointer, currentVersionText(receipt.to)),
    );
    return;
  }
  const names = [receipt.model, pointer, currentVersionText(receipt.to), currentVersionText(receipt.from)];
  const moved = isRollback
    ? vscode.l10n.t('Rolled back {0} {1} to {2} (was {3}); checksum verified.', ...names)
    : vscode.l10n.t('{0} {1} is now {2} (was {3}).', ...names);
  const loose = receipt.deployment?.startsWith('not deployed') === true ? ` ${capital(receipt.deployment)}.` : '';
  offerUndo(extension, moved + loose, receipt.seq);
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Shows the result of the person's own action, with an Undo button. Commands do not wait for it, because the message may stay open. */
export function offerUndo(extension: Extension, text: string, seq: number): void {
  const label = vscode.l10n.t('Undo');
  void extension.messages.show('undo', text, label).then(async (chosen) => {
    if (chosen !== label) return;
    try {
      await undoEvent(extension, seq);
    } catch (error) {
      void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
  });
}

export async function undoEvent(extension: Extension, seq: number): Promise<void> {
  await extension.service.call('POST /undo', { seq });
  void vscode.window.setStatusBarMessage(vscode.l10n.t('Undone.'), 4000);
}

/** Returns the pointer as it is now when somebody else moved it meanwhile; undefined for every other error. */
export function movedMeanwhile(error: unknown): Pointer | undefined {
  const conflict = error instanceof RegistryError && error.code === 'conflict';
  return conflict ? (error.details['pointer'] as Pointer | undefined) : undefined;
}

export type Resolution = 'reload' | 'anyway' | undefined;

/** Shows a change that somebody else made meanwhile. Never overwrites it without confirmation. */
export async function askAgain(pointer: Pointer, anyway: string): Promise<Resolution> {
  const facts = [
    pointerText(pointer),
    currentVersionText(pointer.holder),
    pointer.actor,
    ageText(pointer.at, Date.now()),
  ];
  const text = vscode.l10n.t('{0} was changed to {1} by {2} {3} while you were reviewing.', ...facts);
  const reload = vscode.l10n.t('Review Again');
  const chosen = await vscode.window.showWarningMessage(text, reload, anyway);
  if (chosen === reload) return 'reload';
  return chosen === anyway ? 'anyway' : undefined;
}
