import * as vscode from 'vscode';
import type { PointerRef, Version } from '../../daemon/protocol/model.ts';
import { impactOf } from '../language/consumers.ts';
import type { Extension } from '../context.ts';
import type { Node } from '../trees/nodes.ts';
import { openComparison } from '../panels/open-page.ts';
import { setting } from '../settings.ts';
import { summarizeComparison } from '../../daemon/shared/comparison-summary.ts';
import { askFor, askPastGates, gatesOf, gatesText } from './gates.ts';
import { isPointerRef, pickPointer } from './pick-pointer.ts';
import { readVersion, referenceOf, versionFrom } from '../pick.ts';
import { askAgain, movedMeanwhile, reportReceipt, working } from './receipts.ts';
import type { Command } from './command.ts';
import { referenceTo } from '../../daemon/shared/references.ts';
import { pointerText } from '../../daemon/shared/event-text.ts';

/** Three steps: pick the stage or alias, review and give the reason, done. The tree is not changed here; the stream brings the result. */
export const promoteCommands: Command[] = [{ id: 'plinth.promote', run: promote }];

async function promote(extension: Extension, node?: Node, pointerRef?: unknown): Promise<void> {
  const version = await versionFrom(extension, node, vscode.l10n.t('Promote'));
  if (!version) return;
  const target = isPointerRef(pointerRef) ? pointerRef : await pickPointer(extension, version, titleOf(version));
  if (target) await review(extension, version, target);
}

function titleOf({ model, number }: Version): string {
  return vscode.l10n.t('Promote {0} v{1}', model, number);
}

async function currentVersionOf(extension: Extension, model: string, pointerRef: PointerRef): Promise<number | null> {
  const { pointers } = await extension.service.call('GET /models/:model', { model });
  return pointers.find(({ kind, name }) => kind === pointerRef.kind && name === pointerRef.name)?.holder ?? null;
}

async function review(extension: Extension, version: Version, pointerRef: PointerRef): Promise<void> {
  const impact = impactOf(version.model, pointerRef);
  const holder = await currentVersionOf(extension, version.model, pointerRef);
  const difference = holder === null || holder === version.number ? '' : await differenceTo(extension, version, holder);
  const report = await gatesOf(extension, version, pointerRef);
  const act = report.allowed || holder === version.number ? undefined : await askPastGates(extension, report);
  if (act === 'again') return review(extension, version, pointerRef);
  if (act === 'approval') return askFor(extension, version, pointerRef);
  if (act === undefined && !report.allowed && holder !== version.number) return;
  const summary = [difference, gatesText(report)].filter((text) => text !== '').join(' ');
  const reason = await askReason(extension, version, pointerRef, {
    holder,
    summary: summary,
    impact,
    bypass: act === 'bypass',
  });
  if (reason === undefined || !(await confirmed(version, pointerRef, holder))) return;
  await move(extension, version, pointerRef, reason, holder, act === 'bypass');
}

async function differenceTo(extension: Extension, version: Version, holder: number): Promise<string> {
  const versions = `${referenceTo(version.model, holder)},${referenceOf(version)}`;
  return summarizeComparison(await extension.service.call('GET /compare', { versions }));
}

interface Reviewed {
  holder: number | null;
  summary: string;
  /** Files of this workspace that load the model. They are shown once known; nothing waits for them. */
  impact: Promise<string>;
  bypass: boolean;
}

/** Shows the review and asks for the reason in one step. The button opens the full comparison beside it. */
async function askReason(
  extension: Extension,
  version: Version,
  pointerRef: PointerRef,
  { holder, summary, impact, bypass }: Reviewed,
): Promise<string | undefined> {
  const needed = bypass || setting('promotion.requireReason', false);
  const now = holder === null ? vscode.l10n.t('Currently empty.') : vscode.l10n.t('Current version: v{0}.', holder);
  const compare = {
    iconPath: new vscode.ThemeIcon('git-compare'),
    tooltip: vscode.l10n.t('Compare with v{0}', holder ?? ''),
  };
  const box = vscode.window.createInputBox();
  box.title = vscode.l10n.t('Promote {0} v{1} → {2}', version.model, version.number, pointerText(pointerRef));
  box.prompt = `${now} ${summary}`.trim();
  void impact.then((text) => (box.prompt = `${now} ${summary} ${text}`.trim()));
  box.placeholder = needed ? vscode.l10n.t('Reason') : vscode.l10n.t('Reason (optional)');
  box.ignoreFocusOut = true;
  if (holder !== null && holder !== version.number) box.buttons = [compare];
  box.onDidTriggerButton(async () => {
    const baseline = await readVersion(extension, version.model, String(holder));
    await openComparison(extension, [referenceOf(baseline), referenceOf(version)]);
  });
  return new Promise((resolve) => {
    box.onDidAccept(() => {
      if (needed && box.value.trim() === '') return void (box.validationMessage = vscode.l10n.t('Enter a reason.'));
      resolve(box.value);
      box.dispose();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

async function confirmed(version: Version, pointerRef: PointerRef, holder: number | null): Promise<boolean> {
  if (!setting('promotion.confirm', false)) return true;
  const label = vscode.l10n.t('Promote');
  const detail = holder === null ? vscode.l10n.t('Currently empty.') : vscode.l10n.t('Current version: v{0}.', holder);
  const text = vscode.l10n.t('Promote {0} v{1} to {2}?', version.model, version.number, pointerText(pointerRef));
  return (await vscode.window.showWarningMessage(text, { modal: true, detail }, label)) === label;
}

async function move(
  extension: Extension,
  version: Version,
  pointerRef: PointerRef,
  reason: string,
  expect: number | null,
  bypass: boolean,
): Promise<void> {
  const about = { model: version.model, version: String(version.number), [pointerRef.kind]: pointerRef.name };
  const request = { ...about, reason, expect, ...(bypass ? { bypass } : {}) };
  try {
    const title = vscode.l10n.t('Verifying {0} v{1}…', version.model, version.number);
    const receipt = await working(title, () =>
      extension.service.call('POST /models/:model/versions/:version/promote', request),
    );
    reportReceipt(extension, receipt);
  } catch (error) {
    const pointer = movedMeanwhile(error);
    if (!pointer) throw error;
    const resolution = await askAgain(pointer, vscode.l10n.t('Promote Anyway'));
    if (resolution === 'reload') await review(extension, version, pointerRef);
    if (resolution === 'anyway') await move(extension, version, pointerRef, reason, pointer.holder, bypass);
  }
}
