import type { Receipt } from '../../../protocol/routes/pointers.ts';
import type { Session } from '../session.ts';
import { pointerText, currentVersionText } from '../../../shared/event-text.ts';
import { referenceTo } from '../../../shared/references.ts';

/** Formats a receipt: `churn production is now v8 (was v7) · event 42 · undo with: plinth undo 42`. */
export function receiptLines(session: Session, receipt: Receipt): string[] {
  const { style } = session.screen;
  const { seq } = receipt;
  if (!receipt.changed) return [`${subjectOf(receipt)} already points to ${stateOf(receipt)} · event ${seq}`];
  const undo = style('dim', `event ${seq} · undo with: plinth undo ${seq}`);
  const was = isOpen(receipt) ? '' : ` (was ${currentVersionText(receipt.from)})`;
  const past = receipt.bypassed === true ? style('yellow', ' (gates overridden)') : '';
  const loose = receipt.committed === false ? ['its plinth.yaml is not committed'] : [];
  const deployment = receipt.deployment === undefined ? [] : [receipt.deployment];
  return [
    `${subjectOf(receipt)} is now ${style('bold', stateOf(receipt))}${was}${past} · ${undo}`,
    ...loose,
    ...deployment,
  ];
}

/** True for a stage that many versions can have. Its receipt names the version; others name the stage. */
function isOpen({ kind, name }: Receipt): boolean {
  return kind === 'stage' && (name === 'development' || name === 'archived');
}

function subjectOf(receipt: Receipt): string {
  if (isOpen(receipt)) return `${referenceTo(receipt.model, receipt.to ?? '?')}`;
  return `${receipt.model} ${pointerText(receipt)}`;
}

function stateOf(receipt: Receipt): string {
  if (isOpen(receipt)) return receipt.name;
  return receipt.to === null ? 'empty' : currentVersionText(receipt.to);
}
