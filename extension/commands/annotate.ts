import * as vscode from 'vscode';
import type { Version } from '../../daemon/protocol/model.ts';
import { cardUri } from '../editors/card-documents.ts';
import type { Extension } from '../context.ts';
import type { Node } from '../trees/nodes.ts';
import { choosePrimaryMetric } from '../primary-metric.ts';
import { modelFrom, versionFrom, versionsFrom } from '../pick.ts';
import { offerUndo } from './receipts.ts';
import { selection, type Command } from './command.ts';

/** Commands that change what is written about models and versions, or move versions to another model. */
export const annotateCommands: Command[] = [
  { id: 'plinth.describe', run: describe },
  { id: 'plinth.choosePrimaryMetric', run: choosePrimaryMetric },
  { id: 'plinth.editCard', run: editCard },
  { id: 'plinth.comment', run: comment },
  { id: 'plinth.tag', run: (extension, node, ...rest) => tag(extension, node, selection(rest)) },
  { id: 'plinth.rename', run: rename },
  { id: 'plinth.move', run: move },
  { id: 'plinth.merge', run: merge },
];

function of(version: Version): { model: string; version: string } {
  return { model: version.model, version: String(version.number) };
}

async function describe(extension: Extension, node?: Node): Promise<void> {
  if (node?.subject.kind === 'model') return describeModel(extension, node.subject.model);
  const version = await versionFrom(extension, node, vscode.l10n.t('Edit Description'));
  if (!version) return;
  const title = vscode.l10n.t('Description of {0} v{1}', version.model, version.number);
  const description = await vscode.window.showInputBox({ title, value: version.description });
  if (description !== undefined)
    await extension.service.call('POST /models/:model/versions/:version/describe', { ...of(version), description });
}

/** Opens the model card, from a row or from a page that names the model. */
async function editCard(extension: Extension, target: unknown): Promise<void> {
  const node = typeof target === 'string' ? undefined : (target as Node | undefined);
  const model =
    typeof target === 'string' ? target : await modelFrom(extension, node, vscode.l10n.t('Edit Model Card'));
  if (model === undefined) return;
  extension.service.wake();
  await vscode.window.showTextDocument(cardUri(model));
}

async function describeModel(
  extension: Extension,
  { name, description: before }: { name: string; description: string },
): Promise<void> {
  const title = vscode.l10n.t('Description of {0}', name);
  const description = await vscode.window.showInputBox({ title, value: before });
  if (description !== undefined)
    await extension.service.call('POST /models/:model/describe', { model: name, description });
}

async function comment(extension: Extension, node?: Node): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Add Comment'));
  if (!version) return;
  const title = vscode.l10n.t('Comment on {0} v{1}', version.model, version.number);
  const text = await vscode.window.showInputBox({ title });
  if (text) await extension.service.call('POST /models/:model/versions/:version/comment', { ...of(version), text });
}

/** Sets one tag on all selected versions. */
async function tag(extension: Extension, node: Node | undefined, nodes: readonly Node[] | undefined): Promise<void> {
  const title = vscode.l10n.t('Edit Tags');
  const chosen = await versionsFrom(extension, node, nodes, title);
  const first = chosen[0];
  if (!first) return;
  const known = Object.entries(first.tags).map(([key, value]) => `${key}=${value}`);
  const text = await vscode.window.showInputBox({
    title,
    value: known.length === 1 ? known[0]! : '',
    prompt: [vscode.l10n.t('Format: key=value. Leave the value empty to remove the tag.'), ...known].join(' · '),
    validateInput: (value) => (value.indexOf('=') < 1 ? vscode.l10n.t('Enter key=value.') : undefined),
  });
  if (text === undefined) return;
  const at = text.indexOf('=');
  const [key, value] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  const tagged = chosen.filter(({ tags }) => Object.hasOwn(tags, key));
  /** A tag is removed from the selected versions that have it. If none has, the request goes to the first, so that the service explains. */
  const asked = value !== '' ? chosen : tagged.length > 0 ? tagged : [first];
  for (const version of asked) {
    const request = { ...of(version), key, value: value === '' ? null : value };
    await extension.service.call('POST /models/:model/versions/:version/tag', request);
  }
}

/** Renames a model. On a version, which has a number and no name, the key for renaming edits its description. */
async function rename(extension: Extension, node?: Node): Promise<void> {
  if (node?.subject?.kind === 'version') return describe(extension, node);
  const model = await modelFrom(extension, node, vscode.l10n.t('Rename Model'));
  if (model === undefined) return;
  const name = await vscode.window.showInputBox({ title: vscode.l10n.t('New name of {0}', model), value: model });
  if (!name || name === model) return;
  const { seq } = await extension.service.call('POST /models/:model/rename', { model, name });
  offerUndo(extension, vscode.l10n.t('Renamed {0} to {1}.', model, name), seq);
}

async function move(extension: Extension, node?: Node): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Move to Another Model'));
  const to = version && (await pickTarget(extension, version));
  if (!version || !to) return;
  const moved = await extension.service.call('POST /models/:model/versions/:version/move', { ...of(version), to });
  void vscode.window.showInformationMessage(
    vscode.l10n.t('Moved to {0} v{1}.', moved.version.model, moved.version.number),
  );
}

/** Merges another model into this one, after the person has confirmed. */
async function merge(extension: Extension, node?: Node): Promise<void> {
  const model = await modelFrom(extension, node, vscode.l10n.t('Merge Models'));
  if (model === undefined) return;
  const others = extension.service.mirror.models.map(({ name }) => name).filter((name) => name !== model);
  const title = vscode.l10n.t('Select the model to merge into {0}', model);
  const from = await vscode.window.showQuickPick(others, { title });
  if (from === undefined) return;
  const yes = vscode.l10n.t('Merge');
  const detail = vscode.l10n.t(
    'The versions of {1} become the next versions of {0}. {0} keeps its stages and aliases; those of {1} are cleared. {1}@1 and its other numbers still work.',
    model,
    from,
  );
  const question = vscode.l10n.t('Merge {1} into {0}?', model, from);
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) !== yes) return;
  const { seq } = await extension.service.call('POST /models/:model/merge', { model, from });
  offerUndo(extension, vscode.l10n.t('Merged {1} into {0}.', model, from), seq);
}

/** Lets the person pick an existing model or enter a new name. */
async function pickTarget(extension: Extension, version: Version): Promise<string | undefined> {
  const title = vscode.l10n.t('Select the model for {0} v{1}', version.model, version.number);
  const others = extension.service.mirror.models.map(({ name }) => name).filter((name) => name !== version.model);
  const fresh = vscode.l10n.t('New model…');
  const picks = [{ label: fresh, name: undefined }, ...others.map((name) => ({ label: name, name }))];
  const picked = await vscode.window.showQuickPick(picks, { title });
  return picked && (picked.name ?? vscode.window.showInputBox({ title }));
}
