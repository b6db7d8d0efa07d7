import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { Approval } from '../../../daemon/protocol/approval.ts';
import type { Version } from '../../../daemon/protocol/model.ts';
import type { GateReport, GateResult } from '../../../daemon/protocol/policy.ts';
import { personOf, pointerText } from '../../../daemon/shared/event-text.ts';
import { gateLines } from '../../../daemon/shared/review/promotion-review.ts';
import type { ReviewLine } from '../../../daemon/shared/review/review-line.ts';
import { referenceTo } from '../../../daemon/shared/references.ts';
import { host } from '../../components/host.ts';
import { checklistItem } from '../../components/checklist.ts';
import { button, section } from '../../components/section.ts';
import { timeElement } from '../../components/values/time.ts';

type Part = TemplateResult | typeof nothing;

interface Rights {
  canChange: boolean;
  canApprove: boolean;
}

/** Says whether a version can be promoted: a line for each gate, with what can be done about it. */
export function gateSection(id: string, report: GateReport, version: Version, { canChange }: Rights): Part {
  const pointer = pointerText(report);
  const reference = referenceTo(version.model, version.number);
  const content = html`<p class=${report.allowed || report.holder === version.number ? '' : 'worse'}>
      ${summary(report)} <small title=${report.policy?.path ?? nothing}>${policyNote(report)}</small>
    </p>
    ${(report.conflicts ?? []).map((text) => html`<p class="worse">▼ ${text}</p>`)}
    <ul class="checklist" aria-label=${l10n.t('Gates of {0}', pointer)}>
      ${gateLines(report).map((line) => checklistItem(line, canChange ? actButton(line, version, reference, pointer) : nothing))}
    </ul>`;
  return section(id, l10n.t('Gates of {0}', pointer), content);
}

/** Returns the button of the act that may let a gate pass; nothing if no act does. */
function actButton({ act }: ReviewLine, { model }: Version, reference: string, pointer: string): Part {
  const button = (label: string, message: Parameters<typeof host.post>[0]): TemplateResult =>
    html`<button class="act" @click=${() => host.post(message)}>${label}</button>`;
  switch (act) {
    case 'edit-card':
      return button(l10n.t('Edit Card'), { kind: 'editCard', model });
    case 'edit-tags':
      return button(l10n.t('Edit Tags…'), { kind: 'editTags', reference });
    case 'request-approval':
      return button(l10n.t('Request Approval…'), { kind: 'askApproval', reference, pointer });
    // The host asks for trust before it runs commands that are not trusted.
    case 'run-gates':
    case 'trust-policy':
      return button(l10n.t('Run'), { kind: 'runGates', reference, pointer });
    default:
      return nothing;
  }
}

function summary({ number, holder, allowed, gates, ...pointer }: GateReport): string {
  const label = pointerText(pointer);
  if (holder === number) return l10n.t('v{0} is the current version of {1}.', number, label);
  if (allowed) return l10n.t('v{0} passes all gates for {1}.', number, label);
  const failed = gates.filter(({ outcome }: GateResult) => outcome === 'failed').length;
  return l10n.t('Cannot promote v{0} to {1}: {2} of {3} gates failed.', number, label, failed, gates.length);
}

function policyNote({ policy }: GateReport): string {
  if (policy === null) return '';
  const name = policy.path.replace(/^.*[\\/]/s, '');
  return policy.committed === false ? l10n.t('Policy: {0} (uncommitted).', name) : l10n.t('Policy: {0}.', name);
}

/** Shows the requests, approvals and rejections of a version, and the actions that the user may take. */
export function approvalSection(
  { model, number, state }: Version,
  approvals: readonly Approval[],
  gateReports: readonly GateReport[],
  { canChange, canApprove }: Rights,
): Part {
  const asking = gateReports.find(({ gates }) => gates.some(({ gate }) => gate === 'approvals'));
  if (approvals.length === 0 && !asking) return nothing;
  const open = approvals.findLast(({ decision }) => decision === 'requested') ?? asking;
  const pointer = open ? pointerText(open) : 'production';
  const post = (kind: 'approve' | 'reject') => (): void =>
    host.post({ kind, reference: referenceTo(model, number), pointer });
  const acts =
    canChange && canApprove && state === 'ready'
      ? html`<span class="acts"
          >${button(l10n.t('Approve…'), post('approve'))} ${button(l10n.t('Reject…'), post('reject'))}</span
        >`
      : nothing;
  const content =
    approvals.length === 0
      ? html`<p class="count">${l10n.t('No reviews yet.')}</p>`
      : html`<ul class="reviews">
          ${approvals.map(reviewLine)}
        </ul>`;
  return section('approvals', l10n.t('Approvals'), content, acts);
}

function reviewLine(one: Approval): TemplateResult {
  const { decision, person, asserted, at, text } = one;
  const words = {
    requested: l10n.t('requested approval for {0}', pointerText(one)),
    approved: l10n.t('approved for {0}', pointerText(one)),
    rejected: l10n.t('rejected for {0}', pointerText(one)),
  };
  const sign = { requested: '?', approved: '✓', rejected: '✗' }[decision];
  const who = asserted === undefined ? person : l10n.t('{0} ({1}, asserted)', person, asserted);
  return html`<li>
    <span class="avatar" aria-hidden="true">${initials(person)}</span>
    <span
      ><span title=${who}>${personOf(person)}</span>
      <span class=${decision === 'rejected' ? 'worse' : ''}>${sign} ${words[decision]}</span>
      <span class="count">${timeElement(at)}</span>
      ${text === '' ? nothing : html`<q>${text}</q>`}</span
    >
  </li>`;
}

/** Returns the first letter of a name, or the first two of its words. */
function initials(person: string): string {
  const words = personOf(person)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  return words
    .slice(0, 2)
    .map((word) => /^./u.exec(word)?.[0] ?? '')
    .join('')
    .toUpperCase();
}
