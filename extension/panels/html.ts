import * as vscode from 'vscode';
import { randomBytes } from 'node:crypto';

/** A frame that holds nothing: only our script, by its nonce, what that loads of ours, and our style sheet; it can reach no one. */
export function frame(webview: vscode.Webview, extensionUri: vscode.Uri): string {
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
