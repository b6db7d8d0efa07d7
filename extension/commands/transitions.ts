import * as vscode from 'vscode';
import { RegistryError } from '../../daemon/errors.ts';
import type { Pointer, Version } from '../../daemon/protocol/model.ts';
import type { Receipt } from '../../daemon/protocol/routes.ts';
import type { Extension } from '../context.ts';
import { pointerLabel } from '../labels.ts';
import type { Node } from '../nodes.ts';
import { modelFrom, versionFrom } from './pick.ts';
import type { Command } from './table.ts';

type Place = Pick<Pointer, 'kind' | 'name'>;

const stages: Place[] = ['production', 'staging'].map((name) => ({ kind: 'stage', name }));

/** Moves of stages and aliases. The tree is never touched: what they do arrives by the stream. */
export const transitions: Command[] = [
  { id: 'plinth.promote', run: promote },
  { id: 'plinth.rollBack', run: rollBack },
  { id: 'plinth.undo', run: undo },
  { id: 'plinth.setAlias', run: setAlias },
  { id: 'plinth.removeAlias', run: removeAlias },
  { id: 'plinth.archive', run: (extension, node) => restage(extension, node as Node | undefined, 'archive') },
  { id: 'plinth.restore', run: (extension, node) => restage(extension, node as Node | undefined, 'restore') },
];

async function promote(extension: Extension, node?: unknown, place?: unknown): Promise<void> {
  const title = vscode.l10n.t('Promote');
  const version = await versionFrom(extension, node as Node | undefined, title);
  if (!version) return;
  const target = isPlace(place) ? place : await pickPlace(extension, version);
  if (!target) return;
  const model = await extension.service.call('GET /models/:model', { model: version.model });
  const now = model.pointers.find(({ kind, name }) => kind === target.kind && name === target.name);
  const holder = now?.holder ?? null;
  const reason = await askReason(`${title} ${version.model} v${version.number} → ${pointerLabel(target)}`, holder);
  if (reason === undefined) return;
  await move(extension, version, target, reason, holder);
}

/** A drop names its place; a menu's second argument is the selection. */
function isPlace(value: unknown): value is Place {
  return value !== null && typeof value === 'object' && 'kind' in value && 'name' in value;
}

async function pickPlace(extension: Extension, version: Version): Promise<Place | undefined> {
  const model = await extension.service.call('GET /models/:model', { model: version.model });
  const aliases = model.pointers.filter(({ kind }) => kind === 'alias');
  const places = [...stages, ...aliases].map(({ kind, name }) => {
    const held = model.pointers.find((pointer) => pointer.kind === kind && pointer.name === name)?.holder ?? null;
    const description = held === null ? vscode.l10n.t('nobody') : vscode.l10n.t('now v{0}', held);
    return { label: pointerLabel({ kind, name }), description, place: { kind, name } };
  });
  const picked = await vscode.window.showQuickPick(places, {
    title: vscode.l10n.t('Promote {0} v{1}', version.model, version.number),
    placeHolder: vscode.l10n.t('Stage or alias'),
  });
  return picked?.place;
}

async function askReason(title: string, holder: number | null): Promise<string | undefined> {
  const needed = vscode.workspace.getConfiguration('plinth').get('promotion.requireReason', false);
  const prompt =
    holder === null
      ? vscode.l10n.t('Nobody holds it now.')
      : vscode.l10n.t('v{0} holds it now and goes to the archive.', holder);
  return vscode.window.showInputBox({
    title,
    prompt,
    placeHolder: needed ? vscode.l10n.t('Why') : vscode.l10n.t('Why (may be left empty)'),
    validateInput: (text) => (needed && text.trim() === '' ? vscode.l10n.t('A reason is needed.') : undefined),
  });
}

/** A holder that changed meanwhile is shown, never overwritten unasked. */
async function move(
  extension: Extension,
  version: Version,
  place: Place,
  reason: string,
  expect: number | null,
): Promise<void> {
  const request = { model: version.model, version: String(version.number), [place.kind]: place.name, reason, expect };
  try {
    const receipt = await working(vscode.l10n.t('Verifying {0} v{1} …', version.model, version.number), () =>
      extension.service.call('POST /models/:model/versions/:version/promote', request),
    );
    await tell(extension, receipt);
  } catch (error) {
    const pointer = pointerIn(error);
    if (!pointer) throw error;
    const who = pointer.holder === null ? vscode.l10n.t('nobody') : `v${pointer.holder}`;
    const text = vscode.l10n.t('{0} moved to {1} by {2}.', pointerLabel(place), who, pointer.actor);
    const anyway = vscode.l10n.t('Promote Anyway');
    if ((await vscode.window.showWarningMessage(text, anyway)) === anyway)
      await move(extension, version, place, reason, pointer.holder);
  }
}

function pointerIn(error: unknown): Pointer | undefined {
  const conflict = error instanceof RegistryError && error.code === 'conflict';
  return conflict ? (error.details['pointer'] as Pointer | undefined) : undefined;
}

async function rollBack(extension: Extension, node?: unknown): Promise<void> {
  const row = node as Node | undefined;
  const title = vscode.l10n.t('Roll Back');
  const model = await modelFrom(extension, row, title);
  if (model === undefined) return;
  const known = await extension.service.call('GET /models/:model', { model });
  const pointer = row?.subject.kind === 'pointer' ? row.subject.pointer : await pickPointer(known.pointers, title);
  if (!pointer) return;
  const picks = await earlierHolders(extension, model, pointer);
  if (picks.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('{0} of {1} has no earlier holder.', pointerLabel(pointer), model),
    );
    return;
  }
  const picked = await vscode.window.showQuickPick(picks, {
    title: `${title} ${model} ${pointerLabel(pointer)}`,
    placeHolder: vscode.l10n.t('Back to'),
  });
  if (!picked) return;
  const request = { model, [pointer.kind]: pointer.name, to: picked.to, expect: pointer.holder };
  const receipt = await working(vscode.l10n.t('Verifying {0} {1} …', model, picked.to), () =>
    extension.service.call('POST /models/:model/rollback', request),
  );
  await tell(extension, receipt);
}

async function pickPointer(pointers: readonly Pointer[], title: string): Promise<Pointer | undefined> {
  const picks = pointers
    .filter(({ previous }) => previous.length > 0)
    .map((pointer) => ({ label: pointerLabel(pointer), description: `v${pointer.holder ?? '–'}`, pointer }));
  if (picks.length <= 1) return picks[0]?.pointer;
  return (await vscode.window.showQuickPick(picks, { title }))?.pointer;
}

/** The newest earlier holder first: Enter goes back one step. */
async function earlierHolders(
  extension: Extension,
  model: string,
  pointer: Pointer,
): Promise<(vscode.QuickPickItem & { to: string })[]> {
  const { items } = await extension.service.call('GET /models/:model/history', { model, limit: 200 });
  return pointer.previous.toReversed().map((number) => {
    const since = items.find(
      (event) => event.type === 'pointer.moved/1' && event.number === number && event.body['name'] === pointer.name,
    );
    const reason = typeof since?.body['reason'] === 'string' ? since.body['reason'] : '';
    const description = since
      ? `${new Date(since.at).toLocaleString()} · ${since.actor}${reason === '' ? '' : ` · ${reason}`}`
      : '';
    return { label: `v${number}`, description, to: `v${number}` };
  });
}

async function undo(extension: Extension, node?: unknown): Promise<void> {
  const row = node as Node | undefined;
  const seq = row?.subject.kind === 'event' ? row.subject.event.seq : newestMove(extension);
  if (seq === undefined) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There is nothing to undo.'));
    return;
  }
  await extension.service.call('POST /undo', { seq });
}

function newestMove(extension: Extension): number | undefined {
  const undone = new Set(extension.service.mirror.activity.map((event) => event.body['undoes']));
  const moves = extension.service.mirror.activity.filter(
    ({ type, body }) => type === 'pointer.moved/1' && body['cause'] !== 'left' && body['cause'] !== 'undo',
  );
  return moves.find(({ seq }) => !undone.has(seq))?.seq;
}

async function setAlias(extension: Extension, node?: unknown): Promise<void> {
  const version = await versionFrom(extension, node as Node | undefined, vscode.l10n.t('Set Alias'));
  if (!version) return;
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('Alias for {0} v{1}', version.model, version.number),
    placeHolder: 'champion',
  });
  if (!name) return;
  const request = { model: version.model, version: String(version.number), alias: name };
  await tell(extension, await extension.service.call('POST /models/:model/versions/:version/promote', request));
}

async function removeAlias(extension: Extension, node?: unknown): Promise<void> {
  const row = node as Node | undefined;
  const model = await modelFrom(extension, row, vscode.l10n.t('Remove Alias'));
  if (model === undefined) return;
  const { pointers } = await extension.service.call('GET /models/:model', { model });
  const aliases = pointers.filter(({ kind, holder }) => kind === 'alias' && holder !== null);
  const chosen =
    row?.subject.kind === 'pointer'
      ? row.subject.pointer.name
      : await vscode.window.showQuickPick(aliases.map(({ name }) => name));
  if (chosen === undefined) return;
  await tell(extension, await extension.service.call('POST /models/:model/unalias', { model, alias: chosen }));
}

async function restage(extension: Extension, node: Node | undefined, act: 'archive' | 'restore'): Promise<void> {
  const version = await versionFrom(
    extension,
    node,
    act === 'archive' ? vscode.l10n.t('Archive') : vscode.l10n.t('Restore'),
  );
  if (!version) return;
  const request = { model: version.model, version: String(version.number) };
  const { seq } = await extension.service.call(`POST /models/:model/versions/:version/${act}`, request);
  const text =
    act === 'archive'
      ? vscode.l10n.t('{0} v{1} is archived.', version.model, version.number)
      : vscode.l10n.t('{0} v{1} is back in development.', version.model, version.number);
  await offerUndo(extension, text, seq);
}

async function tell(extension: Extension, receipt: Receipt): Promise<void> {
  const name = (number: number | null): string => (number === null ? vscode.l10n.t('nobody') : `v${number}`);
  const place = pointerLabel(receipt);
  if (!receipt.changed) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('{0} {1} is {2} already.', receipt.model, place, name(receipt.to)),
    );
    return;
  }
  const text = vscode.l10n.t(
    '{0} {1} is now {2} (was {3}).',
    receipt.model,
    place,
    name(receipt.to),
    name(receipt.from),
  );
  await offerUndo(extension, text, receipt.seq);
}

/** The answer to one's own act, with the way back. Not awaited by the command: the toast may stay. */
async function offerUndo(extension: Extension, text: string, seq: number): Promise<void> {
  const label = vscode.l10n.t('Undo');
  void vscode.window.showInformationMessage(text, label).then(async (chosen) => {
    if (chosen === label) await vscode.commands.executeCommand('plinth.undo', undoNode(extension, seq));
  });
  await Promise.resolve();
}

function undoNode(extension: Extension, seq: number): Node | undefined {
  const event = extension.service.mirror.activity.find((known) => known.seq === seq);
  return (
    event && {
      id: '',
      label: '',
      description: '',
      icon: '',
      tooltip: '',
      context: '',
      subject: { kind: 'event', event },
    }
  );
}

/** Long work shows its progress, in the view and not in a toast. */
async function working<T>(title: string, act: () => Promise<T>): Promise<T> {
  return vscode.window.withProgress({ location: { viewId: 'plinth.models' }, title }, act);
}
