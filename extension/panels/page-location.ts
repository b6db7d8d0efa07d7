import * as vscode from 'vscode';
import type { PageLocation } from '../../webview/protocol.ts';
import { referenceTo } from '../../daemon/shared/references.ts';

export function titleOf(pageLocation: PageLocation): string {
  switch (pageLocation.page) {
    case 'models':
      return vscode.l10n.t('Models');
    case 'runs':
      return vscode.l10n.t('Runs');
    case 'compare':
      return comparisonTitle(pageLocation.versions);
    case 'version':
      return referenceTo(pageLocation.model, pageLocation.version);
    case 'model':
      return pageLocation.model;
    case 'lineage':
      return vscode.l10n.t('Lineage of {0}', referenceTo(pageLocation.model, pageLocation.version));
    case 'run':
      return vscode.l10n.t('Run {0}', pageLocation.run.slice(0, 8));
    case 'inspect':
      return pageLocation.path.slice(pageLocation.path.lastIndexOf('/') + 1);
  }
}

/** Two versions are named; of more, the first and how many others. */
function comparisonTitle([first = '', second = '', ...others]: readonly string[]): string {
  return others.length === 0 ? `${first} ↔ ${second}` : vscode.l10n.t('{0} ↔ {1} others', first, others.length + 1);
}
