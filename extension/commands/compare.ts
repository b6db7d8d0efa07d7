import * as vscode from 'vscode';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Version } from '../../daemon/protocol/model.ts';
import type { Extension } from '../context.ts';
import { showDifferences } from '../editors/diff-editor.ts';
import type { Node } from '../trees/nodes.ts';
import { openComparison } from '../panels/open-page.ts';
import { pickVersion, readVersion, referenceOf, selectedVersions, versionFrom } from '../pick.ts';
import { selection, type Command } from './command.ts';

/** Commands that compare versions: numbers in our page, text in the diff editor. */
export const compareCommands: Command[] = [
  { id: 'plinth.compare', run: (extension, node, ...rest) => compare(extension, node, selection(rest)) },
  { id: 'plinth.compareWithProduction', run: (extension, node) => withOther(extension, node, productionOf) },
  { id: 'plinth.compareWithPrevious', run: (extension, node) => withOther(extension, node, previousOf) },
  { id: 'plinth.selectForCompare', run: selectForCompare },
  { id: 'plinth.compareWithSelected', run: compareWithSelected },
  { id: 'plinth.exportComparison', run: exportComparison },
  { id: 'plinth.openComparison', run: (extension) => openComparison(extension, extension.basket.references) },
  { id: 'plinth.clearComparison', run: (extension) => extension.basket.put([]) },
  { id: 'plinth.removeFromComparison', run: removeFromComparison },
  { id: 'plinth.makeBaseline', run: makeBaseline },
  { id: 'plinth.showDifferences', run: (extension, node, ...rest) => differences(extension, node, selection(rest)) },
];

/** Returns the selected versions, the oldest first: it is the baseline. */
function pairIn(nodes: readonly Node[] | undefined): Version[] {
  return selectedVersions(nodes).toSorted((a, b) => a.number - b.number);
}

async function compare(
  extension: Extension,
  node: Node | undefined,
  nodes: readonly Node[] | undefined,
): Promise<void> {
  const chosen = pairIn(nodes);
  const versions = chosen.length >= 2 ? chosen : await pickPair(extension, node);
  if (versions) await show(extension, versions.map(referenceOf));
}

async function show(extension: Extension, references: readonly string[]): Promise<void> {
  await extension.basket.put(references);
  await openComparison(extension, references);
}

async function pickPair(extension: Extension, node: Node | undefined): Promise<Version[] | undefined> {
  const candidate = await versionFrom(extension, node, vscode.l10n.t('Compare Versions'));
  if (!candidate) return undefined;
  const title = vscode.l10n.t('Compare v{0} with…', candidate.number);
  const baseline = await pickVersion(extension, candidate.model, title, candidate.number);
  return baseline && [baseline, candidate];
}

async function withOther(
  extension: Extension,
  node: Node | undefined,
  other: (extension: Extension, version: Version) => Promise<Version | string>,
): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Compare Versions'));
  if (!version) return;
  const baseline = await other(extension, version);
  if (typeof baseline === 'string') return void vscode.window.showInformationMessage(baseline);
  await show(extension, [referenceOf(baseline), referenceOf(version)]);
}

/** Returns the version in production, or a sentence that says there is none. */
async function productionOf(extension: Extension, { model, number }: Version): Promise<Version | string> {
  const { pointers } = await extension.service.call('GET /models/:model', { model });
  const holder = pointers.find(({ kind, name }) => kind === 'stage' && name === 'production')?.holder ?? null;
  if (holder === null) return vscode.l10n.t('No version of {0} is in production.', model);
  if (holder === number) return vscode.l10n.t('{0} v{1} is already in production.', model, number);
  return readVersion(extension, model, String(holder));
}

async function previousOf(extension: Extension, { model, number }: Version): Promise<Version | string> {
  const request = { model, cursor: String(number), limit: 1 };
  const { items } = await extension.service.call('GET /models/:model/versions', request);
  return items[0] ?? vscode.l10n.t('{0} v{1} has no earlier version.', model, number);
}

async function selectForCompare(extension: Extension, node?: Node): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Select for Compare'));
  if (version) await extension.basket.put([referenceOf(version)]);
}

async function compareWithSelected(extension: Extension, node?: Node): Promise<void> {
  const { references } = extension.basket;
  if (references.length === 0)
    return void vscode.window.showInformationMessage(vscode.l10n.t('Select a version for comparison first.'));
  const version = await versionFrom(extension, node, vscode.l10n.t('Compare with Selected'));
  if (version) await show(extension, [...references, referenceOf(version)]);
}

async function removeFromComparison({ basket }: Extension, node?: Node): Promise<void> {
  if (node?.subject.kind !== 'compared') return;
  const { reference } = node.subject;
  await basket.put(basket.references.filter((known) => known !== reference));
}

async function makeBaseline({ basket }: Extension, node?: Node): Promise<void> {
  if (node?.subject.kind === 'compared') await basket.put([node.subject.reference, ...basket.references]);
}

async function differences(
  extension: Extension,
  node: Node | undefined,
  nodes: readonly Node[] | undefined,
): Promise<void> {
  const chosen = pairIn(nodes);
  const [baseline, candidate] = chosen.length === 2 ? chosen : ((await pickPair(extension, node)) ?? []);
  if (baseline && candidate) await showDifferences(extension, referenceOf(baseline), referenceOf(candidate));
}

/** Exports a comparison as Markdown, CSV, JSON or one HTML page. Runs the command line for it, so that both write the same. */
async function exportComparison({ basket, context, service, messages }: Extension, given: unknown): Promise<void> {
  const versions = Array.isArray(given) ? given.filter((one) => typeof one === 'string') : basket.references;
  if (versions.length < 2) throw new Error(vscode.l10n.t('Select at least two versions to compare.'));
  const filters = { HTML: ['html'], Markdown: ['md'], CSV: ['csv'], JSON: ['json'] };
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = `${versions.join('-').replaceAll(/[^\p{L}\p{N}.@_-]+/gu, '-')}.html`;
  const target = await vscode.window.showSaveDialog({
    filters,
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
  });
  if (!target) return;
  const script = context.asAbsolutePath('dist/plinth.js');
  const args = [script, '--data', service.dataFolder, 'diff', ...versions, '--out', target.fsPath];
  await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    windowsHide: true,
  });
  const open = vscode.l10n.t('Open');
  void messages.show('written', vscode.l10n.t('Wrote {0}', target.fsPath), open).then(async (chosen) => {
    if (chosen === open) await vscode.env.openExternal(target);
  });
}
