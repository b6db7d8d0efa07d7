import * as l10n from '@vscode/l10n';
import type { NameOrigin } from '../protocol/model.ts';

/** Formats the origin of a model's name: `named after the file churn.joblib`. */
export function nameOriginText({ by, from }: NameOrigin): string {
  switch (by) {
    case 'user':
      return l10n.t('named by a person');
    case 'policy':
    case 'tracker':
      return l10n.t('named by {0}', from);
    case 'file':
      return l10n.t('named after the file {0}', from);
    case 'folder':
      return l10n.t('named after the folder {0}', from);
    case 'project':
      return l10n.t('named after the project {0}', from);
  }
}

/** Returns true for a guessed name, for which renaming is offered. */
export function isGuessed(named: NameOrigin | undefined): boolean {
  return named !== undefined && ['file', 'folder', 'project'].includes(named.by);
}
