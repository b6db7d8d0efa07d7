import { html, nothing } from 'lit';
import { RegistryError } from '../../daemon/errors.ts';
import type { GateReport } from '../../daemon/protocol/policy.ts';
import type { PointerRef } from '../../daemon/protocol/model.ts';
import type { OfVersion, PointerRequest } from '../../daemon/protocol/shapes.ts';
import type { ReviewAction } from '../page-host/page-host.ts';
import { gateTable } from '../components/gate-table.ts';
import { pointerText } from '../../daemon/shared/event-text.ts';
import * as l10n from '@vscode/l10n';
import { plainText } from '../components/text.ts';
import { ask, notify } from './prompt.ts';
import { call } from './connection.ts';
import { referenceTo, splitReference } from '../../daemon/shared/references.ts';

/** Dialogs about promoting a version. None of them moves anything. */

function requestOf(reference: string, pointer: PointerRef): OfVersion & PointerRequest {
  const { model, version = '' } = splitReference(reference);
  return { model, version, [pointer.kind]: pointer.name };
}

/** Approves, rejects or requests approval, as the user decides in a dialog. */
export async function review(action: ReviewAction, reference: string, pointer: PointerRef): Promise<void> {
  await { approve, reject, askApproval }[action](reference, pointer);
}

const comment = (needed: boolean) =>
  html`<label
    >${needed ? l10n.t('Requested changes') : l10n.t('Comment (optional)')}
    <textarea name="text" rows="4" cols="60" maxlength="2000" ?required=${needed} autofocus></textarea>
  </label>`;

async function approve(reference: string, pointer: PointerRef): Promise<void> {
  const answer = await ask(
    l10n.t('Approve {0} for {1}', reference, pointerText(pointer)),
    comment(false),
    l10n.t('Approve'),
  );
  if (!answer) return;
  const said = { ...requestOf(reference, pointer), comment: plainText(answer.get('text')) };
  const { note } = await call('POST /models/:model/versions/:version/approve', said);
  notify([l10n.t('Approved {0} for {1}.', reference, pointerText(pointer)), note ?? ''].join(' ').trim());
}

async function reject(reference: string, pointer: PointerRef): Promise<void> {
  const answer = await ask(
    l10n.t('Reject {0} for {1}', reference, pointerText(pointer)),
    comment(true),
    l10n.t('Reject'),
  );
  if (!answer) return;
  const said = { ...requestOf(reference, pointer), comment: plainText(answer.get('text')) };
  await call('POST /models/:model/versions/:version/reject', said);
  notify(l10n.t('Rejected {0} for {1}.', reference, pointerText(pointer)));
}

async function askApproval(reference: string, pointer: PointerRef): Promise<void> {
  const content = html`<label
    >${l10n.t('Reason (optional)')} <textarea name="text" rows="4" cols="60" maxlength="2000" autofocus></textarea>
  </label>`;
  const answer = await ask(
    l10n.t('Request approval: {0} → {1}', reference, pointerText(pointer)),
    content,
    l10n.t('Request'),
  );
  if (!answer) return;
  await sendRequest(reference, pointer, plainText(answer.get('text')));
}

async function sendRequest(reference: string, pointer: PointerRef, reason: string): Promise<void> {
  await call('POST /models/:model/versions/:version/ask-approval', { ...requestOf(reference, pointer), reason });
  notify(l10n.t('Requested approval of {0} for {1}.', reference, pointerText(pointer)));
}

/** Returns the gate report of a refusal by gates; undefined for any other error. */
export function gateReportIn(error: unknown): GateReport | undefined {
  const isGates = error instanceof RegistryError && error.code === 'gate-failed';
  return isGates ? (error.details['verdict'] as GateReport | undefined) : undefined;
}

/** Shows the failed gates. Resolves to the reason when the person bypasses them, which needs an admin. */
export async function askPastGates(report: GateReport, reason: string, isAdmin: boolean): Promise<string | undefined> {
  const reference = referenceTo(report.model, report.number);
  const failed = report.gates.filter(({ outcome }) => outcome === 'failed').length;
  const title = l10n.t(
    'Cannot promote {0} to {1}: {2} of {3} gates failed',
    reference,
    pointerText(report),
    failed,
    report.gates.length,
  );
  const content = html`${gateTable(title, report.gates)}
    <label
      >${l10n.t('Reason')} <textarea name="text" rows="2" cols="60" maxlength="1000" .value=${reason}></textarea>
    </label>
    ${isAdmin ? html`<p><small>${l10n.t('Overriding requires a reason and is recorded.')}</small></p>` : nothing}`;
  const further = isAdmin ? [{ value: 'past', label: l10n.t('Override Gates and Promote') }] : [];
  const answer = await ask(title, content, l10n.t('Request Approval'), further);
  const text = plainText(answer?.get('text')).trim();
  if (answer?.get('act') === 'past') return text === '' ? askPastGates(report, '', isAdmin) : text;
  if (answer) await sendRequest(reference, report, text);
  return undefined;
}
