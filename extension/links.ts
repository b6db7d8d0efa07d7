import * as vscode from 'vscode';
import type { Extension } from './context.ts';
import { openPage } from './panels/open-page.ts';
import { comparisonInLink } from './panels/page-location.ts';
import type { PageLocation } from '../webview/protocol.ts';
import type { Service } from './service.ts';
import { findReferences } from './terminal-references.ts';
import { setting } from './settings.ts';

/** Opens a version for `churn@7`, `models:/churn/production` and `registered churn v7` in a terminal, and for vscode://plinth.plinth/open?model=churn&version=7 from anywhere. */
export function registerLinks(extension: Extension): vscode.Disposable {
  const { service } = extension;
  const open = ({ model, number }: { model: string; number: number }): void =>
    openPage(extension, { page: 'version', model, version: String(number) });
  const compare = (comparison: PageLocation): void => openPage(extension, comparison);
  const terminal = vscode.window.registerTerminalLinkProvider({
    provideTerminalLinks: ({ line }) => (setting('terminal.links', true) ? linksIn(line, service) : []),
    handleTerminalLink: (link: Link) => open(link),
  });
  const uris = vscode.window.registerUriHandler({ handleUri: (uri) => openUri(service, uri, open, compare) });
  return vscode.Disposable.from(terminal, uris);
}

/** Returns the address that opens a version in VS Code: `vscode://plinth.plinth/open?model=churn&version=7`. */
export function linkTo({ context }: Pick<Extension, 'context'>, model: string, version?: number): string {
  const query = new URLSearchParams({ model, ...(version === undefined ? {} : { version: String(version) }) });
  return `${vscode.env.uriScheme}://${context.extension.id}/open?${query.toString()}`;
}

interface Link extends vscode.TerminalLink {
  model: string;
  number: number;
}

function linksIn(line: string, { mirror }: Service): Link[] {
  return findReferences(line, mirror.models).map(({ start, length, model, number }) => ({
    startIndex: start,
    length,
    tooltip: vscode.l10n.t('Open {0} v{1}', model, number),
    model,
    number,
  }));
}

/** Opens the page that an external link names. Such a link can do nothing else. */
async function openUri(
  service: Service,
  uri: vscode.Uri,
  open: (version: { model: string; number: number }) => void,
  compare: (comparison: PageLocation) => void,
): Promise<void> {
  const query = new URLSearchParams(uri.query);
  const comparison = uri.path === '/open' ? comparisonInLink(query.get('place')) : undefined;
  if (comparison) return (await service.join()) ? compare(comparison) : undefined;
  const [model, version] = [query.get('model'), query.get('version') ?? 'latest'];
  if (uri.path !== '/open' || !model || !(await service.join())) return;
  try {
    const detail = await service.call('GET /models/:model/versions/:version', { model, version });
    open(detail.version);
  } catch {
    void vscode.window.showInformationMessage(vscode.l10n.t('Model {1} has no version {0}.', version, model));
  }
}
