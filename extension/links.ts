import * as vscode from 'vscode';
import type { Extension } from './context.ts';
import { openPage } from './panels/open-page.ts';
import { comparisonInLink } from './panels/page-location.ts';
import type { PageLocation } from '../webview/protocol.ts';
import type { Service } from './service.ts';
import { setting } from './settings.ts';

const referencePattern = /(?<![\p{L}\p{N}._/-])([\p{L}\p{N}_][\p{L}\p{N}._-]*)@v?(\d+)\b/gu;

/** Opens a version for `churn@7` in a terminal, and for vscode://plinth.plinth/open?model=churn&version=7 from anywhere. */
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

interface Link extends vscode.TerminalLink {
  model: string;
  number: number;
}

/** Returns links to models that exist, so that `lodash@4` is not one. */
function linksIn(line: string, { mirror }: Service): Link[] {
  const names = new Set(mirror.models.map(({ name }) => name));
  return [...line.matchAll(referencePattern)]
    .filter(([, model]) => names.has(model ?? ''))
    .map((match) => ({
      startIndex: match.index,
      length: match[0].length,
      tooltip: vscode.l10n.t('Open this model version'),
      model: match[1] ?? '',
      number: Number(match[2]),
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
