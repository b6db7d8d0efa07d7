import * as vscode from 'vscode';
import type { Extension } from '../context.ts';
import { messageTitle, type SuppressibleMessage } from '../suppressed-messages.ts';
import type { Command } from './command.ts';

export const suppressedMessageCommands: Command[] = [
  { id: 'plinth.manageSuppressedMessages', run: manageSuppressedMessages },
];

interface MessageItem extends vscode.QuickPickItem {
  message: SuppressibleMessage;
}

/** Lists the suppressed messages. Those that the person unticks are shown again. */
async function manageSuppressedMessages({ messages }: Extension): Promise<void> {
  const suppressed = messages.now;
  if (suppressed.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('No messages are suppressed.'));
    return;
  }
  const items = suppressed.map((message): MessageItem => ({ label: messageTitle(message), picked: true, message }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Suppressed Messages'),
    placeHolder: vscode.l10n.t('Untick the messages to show again'),
    canPickMany: true,
  });
  if (chosen) await messages.suppress(chosen.map(({ message }) => message));
}
