import * as l10n from '@vscode/l10n';
import type { NameOrigin } from '../protocol/model.ts';

/** What a model has its name from: `named after the file churn.joblib`. */
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

/** Whether nobody said what the model is called: it is offered to be renamed. */
export function isGuessed(named: NameOrigin | undefined): boolean {
  return named !== undefined && ['file', 'folder', 'project'].includes(named.by);
}
