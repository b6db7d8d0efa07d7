import * as vscode from 'vscode';
import { messageOf } from '../../daemon/errors.ts';
import type { PageLocation } from '../../webview/protocol.ts';
import type { Extension } from '../context.ts';
import { titleOf } from './page-location.ts';
import type { PanelCallbacks } from './page-panel.ts';

/**
 * Shows a page in a panel. The code of pages is loaded with the first one, and the person may have closed the panel by then. Closes the
 * panel with a message if that code cannot be loaded, as after an update of the extension under an open window.
 */
export async function fillPanel(
  extension: Extension,
  panel: vscode.WebviewPanel,
  location: PageLocation,
  callbacks: PanelCallbacks,
): Promise<void> {
  let isClosed = false;
  const closing = panel.onDidDispose(() => {
    isClosed = true;
  });
  panel.title = titleOf(location);
  try {
    const { connectPanel } = await import('./page-panel.ts');
    if (!isClosed) connectPanel(extension, panel, location, callbacks);
  } catch (error) {
    if (!isClosed) panel.dispose();
    void vscode.window.showErrorMessage(vscode.l10n.t('The page could not be opened: {0}', messageOf(error)));
  } finally {
    closing.dispose();
  }
}
