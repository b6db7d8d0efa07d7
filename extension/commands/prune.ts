import * as vscode from 'vscode';
import type { LetGo } from '../../daemon/protocol/policy.ts';
import type { Extension } from '../context.ts';
import type { Node } from '../trees/nodes.ts';
import type { Command } from './command.ts';
import { referenceTo } from '../../daemon/shared/references.ts';
import { sizeText } from '../../daemon/shared/format.ts';

/** Commands that ask before they apply what the rules propose or run. */
export const pruneCommands: Command[] = [
  { id: 'plinth.cleanUp', run: cleanUp },
  { id: 'plinth.trustRules', run: async (extension, _node, path) => void (await trustRules(extension, path)) },
];

interface LetGoItem extends vscode.QuickPickItem {
  version: LetGo;
}

/** Lists the versions that the retention rules would remove. After one confirmation, archives or deletes those that stay ticked. */
async function cleanUp(extension: Extension, node?: Node): Promise<void> {
  const model = node?.subject?.kind === 'model' ? node.subject.model.name : undefined;
  const { versions } = await extension.service.call('GET /retention', { model });
  if (versions.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('No versions are due for clean-up.'));
    return;
  }
  const items = versions.map((version): LetGoItem => ({
    label: `${version.model} v${version.number}`,
    description: `${version.act === 'delete' ? vscode.l10n.t('delete') : vscode.l10n.t('archive')} · ${sizeText(version.size)}`,
    detail: version.reason,
    picked: true,
    version,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Versions due for clean-up'),
    placeHolder: vscode.l10n.t('Selected versions will be archived or deleted'),
    canPickMany: true,
    ignoreFocusOut: true,
  });
  if (chosen && chosen.length > 0 && (await isSure(chosen))) await removeVersions(extension, chosen);
}

async function isSure(chosen: readonly LetGoItem[]): Promise<boolean> {
  const deleted = chosen.filter(({ version }) => version.act === 'delete').length;
  const label = vscode.l10n.t('Clean Up');
  const text = vscode.l10n.t('Archive {0} and delete {1} versions?', chosen.length - deleted, deleted);
  const detail = vscode.l10n.t('You can undo this in Activity for 7 days.');
  return (await vscode.window.showWarningMessage(text, { modal: true, detail }, label)) === label;
}

async function removeVersions(extension: Extension, chosen: readonly LetGoItem[]): Promise<void> {
  const versions = chosen.map(({ version }) => referenceTo(version.model, version.number));
  const { done } = await extension.service.call('POST /retention', { versions });
  void vscode.window.setStatusBarMessage(vscode.l10n.t('Cleaned up {0} versions.', done.length), 4000);
}

/** Shows what a plinth.yaml would run, and trusts it after one confirmation. Only in a trusted workspace. */
export async function trustRules(extension: Extension, given?: unknown): Promise<boolean> {
  if (!vscode.workspace.isTrusted) {
    void vscode.window.showWarningMessage(
      vscode.l10n.t('Restricted Mode: commands cannot run. Trust the workspace first.'),
    );
    return false;
  }
  const path = typeof given === 'string' ? given : await rulesFile();
  if (path === undefined) return false;
  const { path: file, digest, trusted, commands, files } = await extension.service.call('GET /trust', { path });
  if (commands.length === 0 || trusted) {
    const text = trusted
      ? vscode.l10n.t('{0} is already trusted.', file)
      : vscode.l10n.t('{0} contains no commands.', file);
    void vscode.window.showInformationMessage(text);
    return trusted;
  }
  const label = vscode.l10n.t('Trust');
  const text = vscode.l10n.t('Allow {0} to run commands on this machine?', file);
  const called = files.length === 0 ? [] : [vscode.l10n.t('Scripts it runs: {0}.', files.join(', '))];
  const explanation = vscode.l10n.t(
    'A changed file must be trusted again. Modules that these files import are not checked.',
  );
  const detail = [...commands.map((command) => `$ ${command}`), '', ...called, explanation].join('\n');
  if ((await vscode.window.showWarningMessage(text, { modal: true, detail }, label)) !== label) return false;
  await extension.service.call('POST /trust', { path: file, digest });
  void vscode.window.setStatusBarMessage(vscode.l10n.t('Trusted.'), 4000);
  return true;
}

/** Returns the plinth.yaml in the active editor, or one of the workspace. */
async function rulesFile(): Promise<string | undefined> {
  const open = vscode.window.activeTextEditor?.document.uri;
  if (open?.scheme === 'file' && /[\\/]plinth\.yaml$/.test(open.fsPath)) return open.fsPath;
  const found = await vscode.workspace.findFiles('**/plinth.yaml', '**/node_modules/**', 50);
  if (found.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('The workspace has no plinth.yaml.'));
    return undefined;
  }
  if (found.length === 1) return found[0]?.fsPath;
  const items = found.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), path: uri.fsPath }));
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Trust Policy Commands') }))?.path;
}
