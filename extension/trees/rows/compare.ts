import * as l10n from '@vscode/l10n';
import { leaf, type Node } from '../nodes.ts';

/** Lists the versions in the comparison, the baseline first. */
export function compareNodes(references: readonly string[]): Node[] {
  return references.map((reference, index) => ({
    ...leaf(
      `compared:${reference}`,
      reference,
      index === 0 ? l10n.t('baseline') : l10n.t('candidate'),
      index === 0 ? 'milestone' : 'git-compare',
    ),
    context: index === 0 ? 'compared.baseline' : 'compared.candidate',
    subject: { kind: 'compared', reference, baseline: index === 0 },
  }));
}
