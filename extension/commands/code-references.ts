import * as vscode from 'vscode';
import { doInRegistry } from '../../daemon/clients/client/reference-actions.ts';
import type { Consumer, ReferenceAct, TextRange } from '../../daemon/protocol/code-action.ts';
import { consumersOf, followersOf } from '../language/consumers.ts';
import type { Extension } from '../context.ts';
import { setting } from '../settings.ts';
import { openComparison, openPage } from '../panels/open-page.ts';
import type { Node } from '../trees/nodes.ts';
import { modelFrom } from '../pick.ts';
import type { Command } from './command.ts';
import { pointerText } from '../../daemon/shared/event-text.ts';

/** Commands of links, code lenses and quick fixes at a reference in code. */
export const referenceCommands: Command[] = [
  { id: 'plinth.reference', run: (extension, act: unknown) => perform(extension, act as ReferenceAct | undefined) },
  { id: 'plinth.findReferences', run: findReferences },
];

/** Shows the references in this workspace that load the subject of a row: a model, the version of a stage or alias, or one version. */
async function findReferences(extension: Extension, node?: Node): Promise<void> {
  if (!setting('editor.references', true)) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Reference search is off. Turn on the setting plinth.editor.references.'),
    );
    return;
  }
  const model = await modelFrom(extension, node, vscode.l10n.t('Find References in Workspace'));
  if (model === undefined) return;
  const title = vscode.l10n.t('Searching references to {0}…', model);
  const all = await vscode.window.withProgress({ location: { viewId: 'plinth.models' }, title }, () =>
    consumersOf(model),
  );
  const { found, what } = referencesOfRow(all, model, node);
  const places = found.map(({ uri, range }) => new vscode.Location(vscode.Uri.parse(uri), rangeOf(range)));
  const [first] = places;
  if (!first) {
    void vscode.window.showInformationMessage(vscode.l10n.t('No file of this workspace loads {0}.', what));
    return;
  }
  await vscode.window.showTextDocument(first.uri, {
    selection: new vscode.Range(first.range.start, first.range.start),
  });
  if (places.length > 1)
    await vscode.commands.executeCommand('editor.action.showReferences', first.uri, first.range.start, places);
}

function referencesOfRow(
  all: readonly Consumer[],
  model: string,
  node: Node | undefined,
): { found: Consumer[]; what: string } {
  const subject = node?.subject;
  if (subject?.kind === 'pointer') {
    const what = `${model} ${pointerText(subject.pointer)}`;
    return { found: followersOf(all, subject.pointer), what };
  }
  if (subject?.kind !== 'version') return { found: [...all], what: model };
  const { number } = subject.version;
  return { found: all.filter((one) => one.number === number), what: `${model} v${number}` };
}

function rangeOf({ start, end }: TextRange): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

async function perform(extension: Extension, act: ReferenceAct | undefined): Promise<void> {
  if (!act) return;
  switch (act.act) {
    case 'open': {
      const { model, version } = act;
      return openPage(
        extension,
        version === undefined ? { page: 'model', model } : { page: 'version', model, version },
      );
    }
    case 'compare':
      return openComparison(extension, act.versions);
    case 'history':
      return openPage(extension, { page: 'history', model: act.model });
    case 'replace':
      return replace(act);
    default:
      await doInRegistry(extension.service, act);
  }
}

/** Replaces a text. Refuses when the document has changed since, because the range may now hold anything. */
async function replace({ uri, version, range, text }: ReferenceAct & { act: 'replace' }): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
  if (version !== null && document.version !== version) {
    void vscode.window.setStatusBarMessage(vscode.l10n.t('The text has changed. Try again.'), 4000);
    return;
  }
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, rangeOf(range), text);
  await vscode.workspace.applyEdit(edit);
}
