import * as vscode from 'vscode';
import type { Version } from '../../daemon/protocol/model.ts';
import { openComparison } from '../panels/compare.ts';
import type { Extension } from '../context.ts';
import { texts, textUri } from '../documents.ts';
import type { Node } from '../nodes.ts';
import { pickVersion, readVersion, versionFrom } from './pick.ts';
import type { Command } from './table.ts';

/** Two versions side by side: numbers in our page, text in the diff editor. */
export const comparing: Command[] = [
  {
    id: 'plinth.compare',
    run: (extension, node, nodes) => compare(extension, node as Node | undefined, nodes as Node[] | undefined),
  },
  {
    id: 'plinth.compareWithProduction',
    run: (extension, node) => withOther(extension, node as Node | undefined, () => 'production'),
  },
  {
    id: 'plinth.compareWithPrevious',
    run: (extension, node) => withOther(extension, node as Node | undefined, (version) => String(version.number - 1)),
  },
  { id: 'plinth.showDifferences', run: (extension, node) => differences(extension, node as Node | undefined) },
];

async function compare(extension: Extension, node: Node | undefined, nodes: Node[] | undefined): Promise<void> {
  const chosen = (nodes ?? []).flatMap(({ subject }) => (subject.kind === 'version' ? [subject.version] : []));
  if (chosen.length >= 2) return openComparison(extension, chosen.toReversed());
  const pair = await pickPair(extension, node);
  if (pair) await openComparison(extension, pair);
}

async function pickPair(extension: Extension, node: Node | undefined): Promise<[Version, Version] | undefined> {
  const candidate = await versionFrom(extension, node, vscode.l10n.t('Compare Versions'));
  if (!candidate) return undefined;
  const baseline = await pickVersion(
    extension,
    candidate.model,
    vscode.l10n.t('Compare v{0} with', candidate.number),
    candidate.number,
  );
  return baseline && [baseline, candidate];
}

async function withOther(
  extension: Extension,
  node: Node | undefined,
  other: (version: Version) => string,
): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Compare Versions'));
  if (!version) return;
  const baseline = await readVersion(extension, version.model, other(version));
  await openComparison(extension, [baseline, version]);
}

async function differences(extension: Extension, node: Node | undefined): Promise<void> {
  const pair = await pickPair(extension, node);
  if (pair) await showDifferences(...pair);
}

/** The diff editor over all that can be read as text. */
export async function showDifferences(baseline: Version, candidate: Version): Promise<void> {
  const rows = texts.map((text) => [textUri(candidate, text), textUri(baseline, text), textUri(candidate, text)]);
  const title = `${baseline.model} v${baseline.number} ↔ v${candidate.number}`;
  await vscode.commands.executeCommand('vscode.changes', title, rows);
}
