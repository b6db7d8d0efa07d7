import * as l10n from '@vscode/l10n';
import type { Pointer, Version } from '../../protocol/model.ts';
import { pointerText } from '../event-text.ts';
import { sizeText } from '../format.ts';
import { effectLine, loadersLine, type Loaders, type ReviewLine } from './review-line.ts';

/** What a review of a deletion is computed from. */
export interface DeletionFacts {
  model: string;
  versions: readonly Pick<Version, 'number' | 'size'>[];
  pointers: readonly Pointer[];
  /** Who loads one of the versions by its number. */
  loaders: Loaders;
}

export interface DeletionReview {
  /** False while a stage or an alias points to one of the versions. The service refuses then. */
  mayDelete: boolean;
  lines: ReviewLine[];
}

/** Names everything that deleting versions touches. Pure. */
export function reviewDeletion({ model, versions, pointers, loaders }: DeletionFacts): DeletionReview {
  const numbers = new Set(versions.map(({ number }) => number));
  const held = pointers.filter(({ holder }) => holder !== null && numbers.has(holder));
  const backTo = pointers.filter(({ holder, previous }) => {
    return (holder === null || !numbers.has(holder)) && previous.some((number) => numbers.has(number));
  });
  const size = versions.reduce((sum, one) => sum + one.size, 0);
  const loading = loadersLine(versions.length === 1 ? `${model}@${versions[0]?.number}` : model, loaders);
  const lines = [
    ...held.map((pointer): ReviewLine => {
      const text = l10n.t('v{0} is the current version of {1}', pointer.holder ?? '?', pointerText(pointer));
      return { sign: 'failed', text, detail: l10n.t('Promote another version or remove the alias first.') };
    }),
    ...backTo.map((pointer) => backLine(pointer, numbers)),
    ...(loading ? [loading] : []),
    effectLine(
      l10n.t('{0} of files stay for 7 days', sizeText(size)),
      l10n.t('You can undo this for 7 days. After that the files are deleted permanently.'),
    ),
  ];
  return { mayDelete: held.length === 0, lines };
}

function backLine(pointer: Pointer, numbers: ReadonlySet<number>): ReviewLine {
  const lost = [...new Set(pointer.previous.filter((number) => numbers.has(number)))].map((number) => `v${number}`);
  return effectLine(l10n.t('{0} can no longer be rolled back to {1}', pointerText(pointer), lost.join(', ')));
}
