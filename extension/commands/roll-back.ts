import * as vscode from 'vscode';
import type { Pointer } from '../../daemon/protocol/model.ts';
import { loadersOf } from '../language/consumers.ts';
import type { ThinEvent } from '../../daemon/protocol/events.ts';
import { loadersLine, type ReviewLine } from '../../daemon/shared/review/review-line.ts';
import { arrivalText, rollbackChoices } from '../../daemon/shared/review/rollback-choices.ts';
import { metricLabel } from '../trees/labels.ts';
import type { Extension } from '../context.ts';
import { pointerText } from '../../daemon/shared/event-text.ts';
import { newestTransition } from '../undoable-events.ts';
import type { Node } from '../trees/nodes.ts';
import { modelFrom } from '../pick.ts';
import { askAgain, movedMeanwhile, reportReceipt, undoEvent } from './receipts.ts';
import { working } from '../progress.ts';
import type { Command } from './command.ts';

/** Rollback and undo commands. */
export const rollBackCommands: Command[] = [
  { id: 'plinth.rollBack', run: rollBack },
  { id: 'plinth.undo', run: undo },
];

async function rollBack(extension: Extension, node?: Node): Promise<void> {
  const title = vscode.l10n.t('Roll Back');
  const model = await modelFrom(extension, node, title);
  if (model === undefined) return;
  const { pointers } = await extension.service.call('GET /models/:model', { model });
  const pointer = pointerOf(node, pointers) ?? (await pickPointer(pointers, title));
  if (pointer) await backTo(extension, model, pointer);
  else
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Nothing to roll back: {0} has no previous version recorded.', model),
    );
}

/** Returns the pointer of a row in its current state, since the row may be older. */
function pointerOf(node: Node | undefined, pointers: readonly Pointer[]): Pointer | undefined {
  if (node?.subject.kind !== 'pointer') return undefined;
  const { kind, name } = node.subject.pointer;
  return pointers.find((pointer) => pointer.kind === kind && pointer.name === name);
}

async function pickPointer(pointers: readonly Pointer[], title: string): Promise<Pointer | undefined> {
  const picks = pointers
    .filter(({ previous }) => previous.length > 0)
    .map((pointer) => ({ label: pointerText(pointer), description: `v${pointer.holder ?? '–'}`, pointer }));
  if (picks.length <= 1) return picks[0]?.pointer;
  return (await vscode.window.showQuickPick(picks, { title }))?.pointer;
}

async function backTo(extension: Extension, model: string, pointer: Pointer): Promise<void> {
  const loading = loadersOf(model, pointer);
  const picks = await previousVersions(extension, model, pointer);
  if (picks.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Nothing to roll back: {0} of {1} has no previous version.', pointerText(pointer), model),
    );
    return;
  }
  const title = vscode.l10n.t('Roll Back {0} {1} from v{2}', model, pointerText(pointer), pointer.holder ?? '–');
  const what = `${model}@${pointerText(pointer)}`.replace('@@', '@');
  const picked = await pickPrevious(
    picks,
    title,
    loading.then((loaders) => loadersLine(what, loaders)),
  );
  if (picked) await move(extension, model, pointer, picked.to);
}

/** Lets the person pick a previous version. Adds who loads it when that is known, without waiting for it. */
function pickPrevious(
  picks: readonly Earlier[],
  title: string,
  loading: Promise<ReviewLine | undefined>,
): Promise<Earlier | undefined> {
  const pick = vscode.window.createQuickPick<Earlier>();
  pick.items = picks;
  pick.title = title;
  pick.placeholder = vscode.l10n.t('Select the version to restore');
  pick.matchOnDescription = true;
  void loading.then((line) => {
    if (line) pick.placeholder = `${vscode.l10n.t('Select the version to restore')} · ${line.text}: ${line.detail}`;
  });
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]);
      pick.dispose();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

type Earlier = vscode.QuickPickItem & { to: string };

/** Lists the previous versions with the reason for which each came, newest first, so that Enter goes back one step. */
async function previousVersions(extension: Extension, model: string, pointer: Pointer): Promise<Earlier[]> {
  const [history, { items }, { primaryMetric }] = await Promise.all([
    readArrivals(extension, model, pointer),
    extension.service.call('GET /models/:model/versions', { model, limit: 500 }),
    extension.service.call('GET /models/:model', { model }),
  ]);
  const primary = primaryMetric?.name ?? null;
  return rollbackChoices(pointer, history).map((choice) => {
    const metrics = items.find(({ number }) => number === choice.number)?.metrics ?? {};
    return {
      label: `v${choice.number}`,
      description: metricLabel(metrics, primary),
      detail: arrivalText(choice, Date.now()),
      to: `v${choice.number}`,
    };
  });
}

const maxHistoryPages = 10;

/** Reads the history until every previous version has its promotion, at most 5,000 events back. */
async function readArrivals(extension: Extension, model: string, pointer: Pointer): Promise<ThinEvent[]> {
  const history: ThinEvent[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxHistoryPages; page += 1) {
    const { items, next } = await extension.service.call('GET /models/:model/history', { model, limit: 500, cursor });
    history.push(...items);
    const isWhole = rollbackChoices(pointer, history).every(({ arrival }) => arrival !== undefined);
    if (isWhole || next === null) break;
    cursor = next;
  }
  return history;
}

async function move(extension: Extension, model: string, pointer: Pointer, to: string): Promise<void> {
  const request = { model, [pointer.kind]: pointer.name, to, expect: pointer.holder };
  try {
    const title = vscode.l10n.t('Verifying {0} {1}…', model, to);
    const receipt = await working(extension.service, title, () =>
      extension.service.call('POST /models/:model/rollback', request),
    );
    reportReceipt(extension, receipt, true);
  } catch (error) {
    const now = movedMeanwhile(error);
    if (!now) throw error;
    const resolution = await askAgain(now, vscode.l10n.t('Roll Back Anyway'));
    if (resolution === 'reload') await backTo(extension, model, now);
    if (resolution === 'anyway') await move(extension, model, now, to);
  }
}

async function undo(extension: Extension, node?: Node): Promise<void> {
  const event = node?.subject.kind === 'event' ? node.subject.event : await lastTransition(extension);
  if (event) return undoEvent(extension, event.seq);
  void vscode.window.showInformationMessage(vscode.l10n.t('Nothing to undo.'));
}

async function lastTransition(extension: Extension): Promise<ReturnType<typeof newestTransition>> {
  const { items } = await extension.service.call('GET /log', { limit: 200 });
  return newestTransition(items);
}
