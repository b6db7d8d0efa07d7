import type * as vscode from 'vscode';
import type { PageLocation } from '../../webview/protocol.ts';
import type { Extension } from '../context.ts';
import { titleOf } from './page-location.ts';
import type { PanelCallbacks } from './page-panel.ts';

/** Shows a page in a panel. The code of pages is loaded with the first one, and the person may have closed the panel by then. */
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
  const { connectPanel } = await import('./page-panel.ts');
  closing.dispose();
  if (!isClosed) connectPanel(extension, panel, location, callbacks);
}
