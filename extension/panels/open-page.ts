import * as vscode from 'vscode';
import type { PageState, PageLocation } from '../../webview/protocol.ts';
import type { Extension } from '../context.ts';
import { fillPanel } from './fill-panel.ts';

const viewType = 'plinth.page';

/** The page that was opened for a look last. The next look takes its place, unless the person opened it twice. */
let preview: vscode.WebviewPanel | undefined;

/** Opens a page beside the others, or brings it to the front when it is already open. */
export function openPage(extension: Extension, pageLocation: PageLocation): void {
  const open = pages.get(keyOf(pageLocation));
  if (open) {
    if (open === preview) preview = undefined;
    return open.reveal();
  }
  create(extension, pageLocation, false);
}

/** Opens a page for a look: the row keeps the focus, and the page takes the place of the one that was looked at before. */
export function previewPage(extension: Extension, pageLocation: PageLocation): void {
  const open = pages.get(keyOf(pageLocation));
  if (open?.visible) return openPage(extension, pageLocation);
  if (open) return open.reveal(undefined, true);
  const before = preview;
  preview = create(extension, pageLocation, true);
  before?.dispose();
}

function create(extension: Extension, pageLocation: PageLocation, preserveFocus: boolean): vscode.WebviewPanel {
  extension.service.wake();
  const column = { viewColumn: vscode.ViewColumn.Active, preserveFocus };
  const panel = vscode.window.createWebviewPanel(viewType, '', column, optionsOf(extension));
  show(extension, panel, pageLocation);
  return panel;
}

/** Opens the comparison page of these versions, the baseline first. */
export async function openComparison(extension: Extension, references: readonly string[]): Promise<void> {
  if (references.length < 2)
    return void vscode.window.showInformationMessage(vscode.l10n.t('Select at least two versions to compare.'));
  openPage(extension, { page: 'compare', versions: [...references] });
  await Promise.resolve();
}

/** Restores the pages that were open when the window closed. */
export function registerPages(extension: Extension): vscode.Disposable {
  return vscode.window.registerWebviewPanelSerializer(viewType, {
    deserializeWebviewPanel: async (panel, state: PageState | undefined) => {
      panel.webview.options = optionsOf(extension);
      if (state) show(extension, panel, state.place);
      else panel.dispose();
      await Promise.resolve();
    },
  });
}

/** The open pages by place. VS Code owns the panels. */
const pages = new Map<string, vscode.WebviewPanel>();

function show(extension: Extension, panel: vscode.WebviewPanel, pageLocation: PageLocation): void {
  let key = keyOf(pageLocation);
  pages.set(key, panel);
  panel.onDidDispose(() => {
    pages.delete(key);
    if (panel === preview) preview = undefined;
  });
  void fillPanel(extension, panel, pageLocation, {
    open: (next) => openPage(extension, next),
    moved: (next) => {
      pages.delete(key);
      key = keyOf(next);
      pages.set(key, panel);
    },
  });
}

/** Two links to one comparison differ in what they show of it, not in the page. */
function keyOf(pageLocation: PageLocation): string {
  return JSON.stringify({ ...pageLocation, look: undefined });
}

function optionsOf({ context }: Extension): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(context.extensionUri, 'dist', 'webview')] };
}
