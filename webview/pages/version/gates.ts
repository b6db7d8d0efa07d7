import { html, nothing, type TemplateResult } from 'lit';
import type { Version } from '../../../daemon/protocol/model.ts';
import type { Approval } from '../../../daemon/protocol/approval.ts';
import type { GateResult, GateReport } from '../../../daemon/protocol/policy.ts';
import { gateTable } from '../../components/gate-table.ts';
import { pointerText } from '../../../daemon/shared/event-text.ts';
import { host } from '../../components/host.ts';
import * as l10n from '@vscode/l10n';
import { button, plainTable, section } from '../../components/section.ts';
import { timeText } from '../../components/text.ts';
import { referenceTo } from '../../../daemon/shared/references.ts';

type Part = TemplateResult | typeof nothing;

/** Shows what each gate of a stage or alias found and required, and which file defines it. */
export function gateSection(id: string, report: GateReport, { model, number }: Version, canChange: boolean): Part {
  const pointer = pointerText(report);
  const reference = referenceTo(model, number);
  const asks = report.gates.some(({ gate }) => gate === 'approvals');
  const ask = (): void => host.post({ kind: 'askApproval', reference, pointer: pointer });
  const act =
    canChange && asks && !report.allowed && report.holder !== number
      ? button(l10n.t('Request Approval…'), ask)
      : nothing;
  const content = html`<p>${summary(report)} <small>${source(report)}</small></p>
    ${(report.conflicts ?? []).map((text) => html`<p class="worse">▼ ${text}</p>`)}
    ${gateTable(l10n.t('Gates of {0}', pointer), report.gates)}`;
  return section(id, l10n.t('Gates of {0}', pointer), content, act);
}

function summary({ number, holder, allowed, gates, ...pointer }: GateReport): string {
  const label = pointerText(pointer);
  if (holder === number) return l10n.t('v{0} is the current version of {1}.', number, label);
  if (allowed) return l10n.t('v{0} passes all gates for {1}.', number, label);
  const failed = gates.filter(({ outcome }: GateResult) => outcome === 'failed').length;
  return l10n.t('Cannot promote v{0} to {1}: {2} of {3} gates failed.', number, label, failed, gates.length);
}

function source({ policy }: GateReport): string {
  if (policy === null) return '';
  return policy.committed === false
    ? l10n.t('Policy: {0} (uncommitted).', policy.path)
    : l10n.t('Policy: {0}.', policy.path);
}

interface May {
  canChange: boolean;
  canApprove: boolean;
}

/** Shows the requests, approvals and rejections of a version, and the actions that the user may take. */
export function approvalSection(
  { model, number, state }: Version,
  approvals: readonly Approval[],
  gateReports: readonly GateReport[],
  { canChange, canApprove }: May,
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
          >${button(l10n.t('Approve…'), post('approve'), true)} ${button(l10n.t('Reject…'), post('reject'))}</span
        >`
      : nothing;
  return section('approvals', l10n.t('Approvals'), approvalTable(approvals), acts);
}

function byText({ person, asserted }: Approval): string {
  return asserted === undefined ? person : l10n.t('{0} ({1}, asserted)', person, asserted);
}

function approvalTable(approvals: readonly Approval[]): TemplateResult {
  const words = {
    requested: `? ${l10n.t('requested')}`,
    approved: `✓ ${l10n.t('approved')}`,
    rejected: `✗ ${l10n.t('rejected')}`,
  };
  const rows = approvals.map((one) => [
    timeText(one.at),
    byText(one),
    one.decision === 'rejected' ? html`<span class="worse">${words.rejected}</span>` : words[one.decision],
    pointerText(one),
    one.text,
  ]);
  if (rows.length === 0) return html`<p>${l10n.t('No reviews yet.')}</p>`;
  const head = [l10n.t('When'), l10n.t('By'), l10n.t('Decision'), l10n.t('For'), l10n.t('Comment')];
  return html`${plainTable(l10n.t('Approvals'), head, rows)}`;
}
