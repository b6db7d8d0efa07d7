import * as vscode from 'vscode';
import type { ReviewAct, ReviewLine, ReviewSign } from '../../daemon/shared/review/review-line.ts';
import { signIcon } from './review-icons.ts';

/** A row that does something when it is accepted. */
export interface ActItem<A extends string> {
  label: string;
  description?: string;
  act: A;
}

/** What a review shows: acts that come first, sections of lines, acts that come last. */
export interface Review<A extends string> {
  title: string;
  placeholder: string;
  first: readonly ActItem<A>[];
  sections: readonly { label: string; lines: readonly ReviewLine[] }[];
  last: readonly ActItem<A>[];
  /** Shown as a button in the title. */
  compare?: { tooltip: string; run: () => Promise<void> } | undefined;
}

type Row<A extends string> = vscode.QuickPickItem & { act?: A | ReviewAct };

/**
 * Shows a review as a checklist. The first act is active, so that Enter takes it; a line without an act does nothing. Resolves to the act, or
 * undefined when the person dismissed it. `later` replaces the review once it is known; nothing waits for it.
 */
export function showReview<A extends string>(
  review: Review<A>,
  later?: Promise<Review<A>>,
): Promise<A | ReviewAct | undefined> {
  const pick = vscode.window.createQuickPick<Row<A>>();
  pick.ignoreFocusOut = true;
  pick.matchOnDescription = true;
  draw(pick, review);
  void later?.then((whole) => draw(pick, whole)).catch(() => undefined);
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      const act = pick.selectedItems[0]?.act;
      if (act === undefined) return;
      resolve(act);
      pick.dispose();
    });
    pick.onDidTriggerItemButton(({ item }) => {
      resolve(item.act);
      pick.dispose();
    });
    pick.onDidTriggerButton(() => void review.compare?.run());
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

/** Draws a review and keeps the active row. */
function draw<A extends string>(pick: vscode.QuickPick<Row<A>>, review: Review<A>): void {
  const active = pick.activeItems[0];
  const rows = rowsOf(review);
  pick.title = review.title;
  pick.placeholder = review.placeholder;
  pick.buttons = review.compare
    ? [{ iconPath: new vscode.ThemeIcon('git-compare'), tooltip: review.compare.tooltip }]
    : [];
  pick.items = rows;
  const kept = rows.find(({ label, kind }) => label === active?.label && kind !== vscode.QuickPickItemKind.Separator);
  if (kept) pick.activeItems = [kept];
}

function rowsOf<A extends string>({ first, sections, last }: Review<A>): Row<A>[] {
  const shown = sections.filter(({ lines }) => lines.length > 0);
  return [
    ...first,
    ...shown.flatMap(({ label, lines }) => [separator(label), ...lines.map(lineRow)]),
    ...(last.length === 0 ? [] : [separator(''), ...last]),
  ];
}

function separator(label: string): vscode.QuickPickItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

/** The sign is read by screen readers as a word of the description. */
function lineRow({ sign, text, detail, act }: ReviewLine): vscode.QuickPickItem & { act?: ReviewAct } {
  const description = [signWord(sign), detail].filter((part) => part !== '').join(' · ');
  const row = { label: text, description, iconPath: signIcon(sign) };
  if (act === undefined) return row;
  const { icon, tooltip } = actButton(act);
  return { ...row, act, buttons: [{ iconPath: new vscode.ThemeIcon(icon), tooltip }] };
}

function signWord(sign: ReviewSign): string {
  switch (sign) {
    case 'failed':
      return vscode.l10n.t('failed');
    case 'skipped':
      return vscode.l10n.t('skipped');
    case 'better':
      return vscode.l10n.t('better');
    case 'worse':
      return vscode.l10n.t('worse');
    case 'within-noise':
      return vscode.l10n.t('within noise');
    case 'passed':
    case 'effect':
      return '';
  }
}

/** Returns the button of a line that something can be done about. */
function actButton(act: ReviewAct): { icon: string; tooltip: string } {
  switch (act) {
    case 'edit-card':
      return { icon: 'edit', tooltip: vscode.l10n.t('Edit Card') };
    case 'edit-tags':
      return { icon: 'tag', tooltip: vscode.l10n.t('Edit Tags…') };
    case 'request-approval':
      return { icon: 'question', tooltip: vscode.l10n.t('Request Approval…') };
    case 'run-gates':
      return { icon: 'play', tooltip: vscode.l10n.t('Run Gates') };
    case 'trust-policy':
      return { icon: 'shield', tooltip: vscode.l10n.t('Trust Policy Commands…') };
  }
}
