import * as l10n from '@vscode/l10n';
import type { TensorNorms } from '../../../daemon/protocol/tensors.ts';
import { countText, numberText } from '../../../daemon/shared/format.ts';
import type { TensorNode } from './tensor-tree.ts';

/** What a comparison of weights says about each tensor of a file. Pure. */

export interface ChangedTensors {
  /** The version that the file was compared with. */
  baseline: string;
  /** By the name of a tensor: in words, how it differs. Equal ones are not in it. */
  texts: ReadonlyMap<string, string>;
  /** Tensors that only the version has. */
  removed: readonly string[];
  /** One sentence. */
  summary: string;
  /** What could not be read, one sentence each. */
  missing: readonly string[];
}

export function changedTensors(norms: TensorNorms): ChangedTensors {
  const removed = norms.tensors.filter(({ change }) => change === 'removed').map(({ name }) => name);
  const differing = norms.tensors.filter(({ change }) => change !== 'removed');
  return {
    baseline: norms.baseline,
    texts: new Map(differing.map((one) => [one.name, changeText(one)])),
    removed,
    summary: summaryOf(norms, differing.length, removed.length),
    missing: norms.missing,
  };
}

function changeText({ change, before, relative, norm, why, nonFinite }: TensorNorms['tensors'][number]): string {
  const odd = nonFinite > 0 ? ` · ${l10n.t('{0} not finite', countText(nonFinite))}` : '';
  if (change === 'added') return l10n.t('new');
  if (change === 'reshaped') return l10n.t('was {0}', before ?? '');
  const retyped = change === 'retyped' ? `${l10n.t('was {0}', before ?? '')} · ` : '';
  if (norm === null) return `${retyped}${why ?? l10n.t('not compared')}`;
  return `${retyped}${relative === null ? l10n.t('was all zero') : percent(relative)}${odd}`;
}

function percent(relative: number): string {
  return `${numberText(Number((100 * relative).toPrecision(3)))} %`;
}

function summaryOf({ baseline, same, alike, cancelled }: TensorNorms, differing: number, removed: number): string {
  if (cancelled) return l10n.t('Cancelled: only a part was compared with {0}.', baseline);
  if (differing === 0 && removed === 0) return l10n.t('All {0} tensors are those of {1}.', countText(alike), baseline);
  const parts = [
    l10n.t('{0} tensors differ from {1}', countText(differing), baseline),
    l10n.t('{0} are identical', countText(same ?? 0)),
    ...(removed === 0 ? [] : [l10n.t('{0} are missing', countText(removed))]),
  ];
  return `${parts.join(' · ')}.`;
}

/** Returns how many tensors at or below a node differ. */
export function changedBelow(node: TensorNode, changed: Pick<ChangedTensors, 'texts'>): number {
  const own = node.tensor && changed.texts.has(node.tensor.name) ? 1 : 0;
  return node.children.reduce((sum, child) => sum + changedBelow(child, changed), own);
}
