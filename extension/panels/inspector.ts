import * as vscode from 'vscode';
import type { Extension } from '../context.ts';
import { fillPanel } from './fill-panel.ts';
import { openPage } from './open-page.ts';

const viewType = 'plinth.inspector';

/** Opens model files in the editor and shows what their headers say. Never changes a file. */
export function registerInspector(extension: Extension): vscode.Disposable {
  const provider: vscode.CustomReadonlyEditorProvider = {
    openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
    resolveCustomEditor: async ({ uri }, panel) => {
      const { extensionUri } = extension.context;
      panel.webview.options = {
        enableScripts: true,
        localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist', 'webview')],
      };
      await fillPanel(
        extension,
        panel,
        { page: 'inspect', path: uri.fsPath },
        { open: (location) => openPage(extension, location), moved: () => undefined },
      );
    },
  };
  return vscode.window.registerCustomEditorProvider(viewType, provider, { supportsMultipleEditorsPerDocument: true });
}
