import * as vscode from 'vscode';

/** `churn@7` in a terminal, and vscode://…/open?model=churn&version=7 from anywhere, open that version. */
export function registerLinks(): vscode.Disposable {
  const terminal = vscode.window.registerTerminalLinkProvider({
    provideTerminalLinks: ({ line }) => {
      if (!vscode.workspace.getConfiguration('plinth').get('terminal.links', true)) return [];
      return [...line.matchAll(/\b([\p{L}\p{N}][\p{L}\p{N}._-]*)@(\d+)\b/gu)].map((match) => ({
        startIndex: match.index,
        length: match[0].length,
        tooltip: vscode.l10n.t('Open this model version'),
        reference: match[0],
      }));
    },
    handleTerminalLink: (link: vscode.TerminalLink & { reference?: string }) => openReference(link.reference ?? ''),
  });
  const uris = vscode.window.registerUriHandler({
    handleUri: async (uri) => {
      const query = new URLSearchParams(uri.query);
      await openReference(`${query.get('model') ?? ''}@${query.get('version') ?? 'latest'}`);
    },
  });
  return vscode.Disposable.from(terminal, uris);
}

async function openReference(reference: string): Promise<void> {
  const [model = '', version = ''] = reference.split('@');
  const uri = vscode.Uri.from({ scheme: 'plinth', path: `/${model}/version.json`, query: version });
  await vscode.window.showTextDocument(uri, { preview: true });
}
