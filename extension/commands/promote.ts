import * as vscode from 'vscode';
import type { PointerRef, Version } from '../../daemon/protocol/model.ts';
import { loadersOf, nobody } from '../language/consumers.ts';
import type { Extension } from '../context.ts';
import type { Node } from '../trees/nodes.ts';
import { openComparison } from '../panels/open-page.ts';
import { setting } from '../settings.ts';
import { leadingMetrics } from '../../daemon/shared/metrics.ts';
import type { GateReport } from '../../daemon/protocol/policy.ts';
import {
  reviewPromotion,
  type PromotionFacts,
  type PromotionReview,
} from '../../daemon/shared/review/promotion-review.ts';
import type { Loaders, ReviewAct } from '../../daemon/shared/review/review-line.ts';
import { showReview, type Review } from '../review/review-pick.ts';
import { actsOn, doReviewAct, gatesOf, gatesText, policyText } from './gates.ts';
import { isPointerRef, pickPointer } from './pick-pointer.ts';
import { readVersion, referenceOf, versionFrom } from '../pick.ts';
import { askAgain, movedMeanwhile, reportReceipt } from './receipts.ts';
import { working } from '../progress.ts';
import type { Command } from './command.ts';
import { referenceTo } from '../../daemon/shared/references.ts';
import { pointerText } from '../../daemon/shared/event-text.ts';

/** Three steps: pick the stage or alias, review, give the reason. The tree is not changed here; the stream brings the result. */
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

/** What a review shows, with the data that it was computed from. */
interface Reviewed {
  review: PromotionReview;
  report: GateReport;
  holder: number | null;
}

async function review(extension: Extension, version: Version, pointerRef: PointerRef): Promise<void> {
  const [facts, loading] = await readFacts(extension, version, pointerRef);
  const { report } = facts;
  const reviewed = { review: reviewPromotion(facts), report, holder: facts.current?.number ?? null };
  const later = loading.then((loaders) =>
    shownReview(extension, version, { ...reviewed, review: reviewPromotion({ ...facts, loaders }) }),
  );
  const act = await showReview(shownReview(extension, version, reviewed), later);
  if (act === undefined) return;
  if (act !== 'promote' && act !== 'override') {
    if (await doReviewAct(extension, act, { version, report })) await review(extension, version, pointerRef);
    return;
  }
  const reason = await askReason(version, reviewed, act === 'override');
  if (reason === undefined || !(await confirmed(version, pointerRef, reviewed.holder))) return;
  await move(extension, version, pointerRef, reason, reviewed.holder, act === 'override');
}

/** Reads what a review is computed from. Who loads the model takes longer, and comes by itself. */
async function readFacts(
  extension: Extension,
  version: Version,
  pointerRef: PointerRef,
): Promise<[PromotionFacts, Promise<Loaders>]> {
  const loading = loadersOf(version.model, pointerRef);
  const [model, report] = await Promise.all([
    extension.service.call('GET /models/:model', { model: version.model }),
    gatesOf(extension, version, pointerRef),
  ]);
  const { pointers } = model;
  const holder =
    pointers.find(({ kind, name }) => kind === pointerRef.kind && name === pointerRef.name)?.holder ?? null;
  const current = holder === null ? null : await readVersion(extension, model.name, String(holder));
  const versions = `${referenceTo(model.name, holder ?? 0)},${referenceOf(version)}`;
  const comparison =
    holder === null || holder === version.number ? null : await extension.service.call('GET /compare', { versions });
  return [{ report, pointers, current, comparison, leading: leadingMetrics(model), loaders: nobody }, loading];
}

/** Lays out a review: promoting comes first where it is possible, overriding failed gates last. */
function shownReview(
  extension: Extension,
  version: Version,
  { review: { title, mayPromote, isCurrent, gates, differences, effects }, report, holder }: Reviewed,
): Review<'promote' | 'override' | ReviewAct> {
  const first = { label: vscode.l10n.t('$(rocket) Promote…'), act: 'promote' as const };
  const override = {
    label: vscode.l10n.t('$(warning) Override Gates and Promote…'),
    description: vscode.l10n.t('admin; recorded in the audit log'),
    act: 'override' as const,
  };
  const beside = holder === null ? '' : vscode.l10n.t('Compared with v{0}', holder);
  return {
    title,
    placeholder: policyText(report),
    first: mayPromote ? [first] : [],
    sections: [
      { label: vscode.l10n.t('Gates'), lines: gates },
      { label: beside, lines: differences },
      { label: vscode.l10n.t('What Changes'), lines: effects },
    ],
    last: mayPromote ? [] : [...actsOn(report), override],
    compare: holder === null || isCurrent ? undefined : compareButton(extension, version, holder),
  };
}

function compareButton(extension: Extension, version: Version, holder: number): NonNullable<Review<string>['compare']> {
  return {
    tooltip: vscode.l10n.t('Compare with v{0}', holder),
    run: () => openComparison(extension, [referenceTo(version.model, holder), referenceOf(version)]),
  };
}

/** Asks for the reason, which is the last step. The review in one line stands below it. */
async function askReason(
  version: Version,
  { report, holder }: Reviewed,
  isOverride: boolean,
): Promise<string | undefined> {
  const isNeeded = isOverride || setting('promotion.requireReason', false);
  const now = holder === null ? vscode.l10n.t('Currently empty.') : vscode.l10n.t('Current version: v{0}.', holder);
  const box = vscode.window.createInputBox();
  box.title = vscode.l10n.t('Promote {0} v{1} → {2}', version.model, version.number, pointerText(report));
  box.prompt = `${now} ${gatesText(report)}`.trim();
  box.placeholder = isNeeded ? vscode.l10n.t('Reason') : vscode.l10n.t('Reason (optional)');
  box.ignoreFocusOut = true;
  return new Promise((resolve) => {
    box.onDidAccept(() => {
      if (isNeeded && box.value.trim() === '') {
        box.validationMessage = vscode.l10n.t('Enter a reason.');
        return;
      }
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
    const receipt = await working(extension.service, title, () =>
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
