import * as vscode from 'vscode';
import type { PageLocation } from '../../webview/protocol.ts';
import { referenceTo } from '../../daemon/shared/references.ts';

export function titleOf(place: PageLocation): string {
  switch (place.page) {
    case 'models':
      return vscode.l10n.t('Models');
    case 'runs':
      return vscode.l10n.t('Runs');
    case 'compare':
      return place.versions.join(' ↔ ');
    case 'version':
      return referenceTo(place.model, place.version);
    case 'model':
      return place.model;
    case 'lineage':
      return vscode.l10n.t('Lineage of {0}', referenceTo(place.model, place.version));
    case 'run':
      return vscode.l10n.t('Run {0}', place.run.slice(0, 8));
    case 'inspect':
      return place.path.slice(place.path.lastIndexOf('/') + 1);
  }
}
