import { say } from '../words.ts';
import { leaf, type Node } from '../nodes.ts';

/** The versions that are being compared, the baseline first. */
export function compareNodes(references: readonly string[]): Node[] {
  return references.map((reference, index) => ({
    ...leaf(
      `compared:${reference}`,
      reference,
      index === 0 ? say('baseline') : say('candidate'),
      index === 0 ? 'milestone' : 'git-compare',
    ),
    context: index === 0 ? 'compared.baseline' : 'compared.candidate',
    subject: { kind: 'compared', reference, baseline: index === 0 },
  }));
}
