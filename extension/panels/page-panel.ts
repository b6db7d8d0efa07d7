import * as vscode from 'vscode';
import { randomBytes } from 'node:crypto';
import { PageController } from '../../webview/page-host/page-controller.ts';
import type { FromPage, PageLocation } from '../../webview/protocol.ts';
import type { Extension } from '../context.ts';
import { notRunning } from '../service.ts';
import { titleOf } from './page-location.ts';
import { panelHost } from './panel-host.ts';

export interface PanelCallbacks {
  open(location: PageLocation): void;
  /** Called when the panel shows another comparison. */
  moved(location: PageLocation): void;
}

/** Connects a webview panel, its page controller and the service until the panel is closed. */
export function connectPanel(
  extension: Extension,
  panel: vscode.WebviewPanel,
  location: PageLocation,
  callbacks: PanelCallbacks,
): void {
  const { webview } = panel;
  const { service, context } = extension;
  const host = panelHost(extension, {
    post: (message) => void webview.postMessage(message),
    move: (next) => {
      callbacks.moved(next);
      panel.title = titleOf(next);
    },
    openOther: (next) => callbacks.open(next),
    redraw: () => void controller.draw(),
  });
  const controller = new PageController(host, location);
  const subscriptions = vscode.Disposable.from(
    webview.onDidReceiveMessage((message: FromPage) => controller.receive(message)),
    service.onMessage((message) => controller.follow(message)),
    service.onChange(({ phase, problem }) => {
      if (phase === 'running' || phase === 'unknown') controller.connected();
      else controller.disconnected(problem ?? notRunning());
    }),
  );
  panel.onDidDispose(() => {
    controller.close();
    subscriptions.dispose();
  });
  webview.html = frame(webview, context.extensionUri);
}

/**
 * Returns an empty page that may load only our script (by its nonce), what that script loads of ours, and our style sheet. It can
 * connect to nothing.
 */
function frame(webview: vscode.Webview, extensionUri: vscode.Uri): string {
  const nonce = randomBytes(16).toString('base64url');
  const uriOf = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview', name)).toString();
  const policy = `default-src 'none'; connect-src 'none'; img-src data:; style-src ${webview.cspSource}; script-src 'nonce-${nonce}' ${webview.cspSource}`;
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Plinth</title>
<link rel="stylesheet" href="${uriOf('page.css')}">
</head><body><plinth-page></plinth-page>
<script type="module" nonce="${nonce}" src="${uriOf('main.js')}"></script></body></html>`;
}
