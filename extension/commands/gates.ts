import * as vscode from 'vscode';
import type { PointerRef, Version } from '../../daemon/protocol/model.ts';
import type { GateResult, GateReport } from '../../daemon/protocol/policy.ts';
import type { Extension } from '../context.ts';
import { nodeOf, type Node } from '../trees/nodes.ts';
import { trustRules } from './prune.ts';
import { versionFrom } from '../pick.ts';
import { isPointerRef, pickPointer } from './pick-pointer.ts';
import { working } from '../progress.ts';
import { hasUnrunCommands } from '../../daemon/shared/gate-reports.ts';
import { gateLines } from '../../daemon/shared/review/promotion-review.ts';
import type { ReviewAct } from '../../daemon/shared/review/review-line.ts';
import { showReview, type ActItem } from '../review/review-pick.ts';
import type { Command } from './command.ts';
import { pointerText } from '../../daemon/shared/event-text.ts';

/** Commands for the gates and approvals of a version. None of them moves anything. */
export const gateCommands: Command[] = [
  { id: 'plinth.runGates', run: runGates },
  { id: 'plinth.requestApproval', run: requestApproval },
  { id: 'plinth.approve', run: approve },
  { id: 'plinth.reject', run: reject },
];

/** Evaluates the gates of a stage or alias for a version, as all other clients do. Runs the command gates that have not run yet. */
export async function gatesOf(
  extension: Extension,
  { model, number }: Version,
  pointerRef: PointerRef,
): Promise<GateReport> {
  const request = { model, version: String(number), [pointerRef.kind]: pointerRef.name };
  const report = await extension.service.call('GET /models/:model/versions/:version/gates', request);
  if (!hasUnrunCommands(report)) return report;
  return running(extension, { model, number }, pointerRef);
}

function running(
  extension: Extension,
  { model, number }: Pick<Version, 'model' | 'number'>,
  pointerRef: PointerRef,
): Promise<GateReport> {
  const request = { model, version: String(number), [pointerRef.kind]: pointerRef.name };
  const title = vscode.l10n.t('Running the gates of {0} v{1}…', model, number);
  return working(extension.service, title, () =>
    extension.service.call('POST /models/:model/versions/:version/gates', request),
  );
}

/** Returns one line about the gates, for the box that asks for the reason; empty when there are none. */
export function gatesText({ gates, allowed }: GateReport): string {
  if (gates.length === 0) return '';
  if (!allowed) return vscode.l10n.t('Failed gates: {0}.', failedIn(gates).join(', '));
  return gates.length === 1 ? vscode.l10n.t('Gate passed.') : vscode.l10n.t('All {0} gates passed.', gates.length);
}

function failedIn(gates: readonly GateResult[]): string[] {
  return gates.filter(({ outcome }) => outcome === 'failed').map(({ gate }) => gate);
}

/** Returns what can be done about failed gates besides a line of its own: trust the commands, and ask for the approvals that the policy wants. */
export function actsOn(report: GateReport): ActItem<ReviewAct>[] {
  const lines = gateLines(report);
  const acts: ActItem<ReviewAct>[] = [
    {
      label: vscode.l10n.t('$(shield) Trust Policy Commands…'),
      description: vscode.l10n.t('shows the commands first'),
      act: 'trust-policy',
    },
    { label: vscode.l10n.t('$(question) Request Approval…'), act: 'request-approval' },
  ];
  return acts.filter(({ act }) => lines.some((line) => line.act === act));
}

/** Names the policy that decides, or what contradicts it. */
export function policyText({ policy, conflicts }: GateReport): string {
  const [conflict] = conflicts ?? [];
  if (conflict !== undefined) return conflict;
  if (policy === null) return vscode.l10n.t('No policy applies to this model.');
  return policy.committed === false
    ? vscode.l10n.t('Policy: {0} (uncommitted)', policy.path)
    : vscode.l10n.t('Policy: {0}', policy.path);
}

/** Does what a line of a review offers. Returns true if the review is to be shown again. */
export async function doReviewAct(
  extension: Extension,
  act: ReviewAct,
  { version, report }: { version: Version; report: GateReport },
): Promise<boolean> {
  switch (act) {
    case 'edit-card':
      await vscode.commands.executeCommand('plinth.editCard', version.model);
      return false;
    case 'edit-tags':
      await vscode.commands.executeCommand('plinth.tag', nodeOf({ kind: 'version', version }));
      return true;
    case 'request-approval':
      await askFor(extension, version, report);
      return false;
    case 'run-gates':
      await running(extension, version, report);
      return true;
    case 'trust-policy':
      return trustRules(extension, report.policy?.path);
  }
}

async function runGates(extension: Extension, node?: Node, given?: unknown): Promise<void> {
  const chosen = await chooseBoth(extension, { node, given, title: vscode.l10n.t('Run Gates') });
  if (!chosen) return;
  const { version, pointerRef } = chosen;
  const report = await running(extension, version, pointerRef);
  const act = await showReview<ReviewAct>({
    title: gatesTitle(report),
    placeholder: policyText(report),
    first: [],
    sections: [{ label: '', lines: gateLines(report) }],
    last: actsOn(report),
  });
  if (act !== undefined && (await doReviewAct(extension, act, { version, report })))
    await runGates(extension, nodeOf({ kind: 'version', version }), pointerRef);
}

function gatesTitle(report: GateReport): string {
  const { model, number, allowed, gates } = report;
  const names = [model, number, pointerText(report)] as const;
  if (allowed) return vscode.l10n.t('{0} v{1} passes all gates for {2}', ...names);
  const counts = [failedIn(gates).length, gates.length] as const;
  return vscode.l10n.t('Cannot promote {0} v{1} to {2}: {3} of {4} gates failed', ...names, ...counts);
}

async function chooseBoth(
  extension: Extension,
  { node, given, title }: { node: Node | undefined; given: unknown; title: string },
): Promise<{ version: Version; pointerRef: PointerRef } | undefined> {
  const version = await versionFrom(extension, node, title);
  const pointerRef = isPointerRef(given) ? given : version && (await pickPointer(extension, version, title));
  return version && pointerRef && { version, pointerRef };
}

async function requestApproval(extension: Extension, node?: Node, given?: unknown): Promise<void> {
  const chosen = await chooseBoth(extension, { node, given, title: vscode.l10n.t('Request Approval') });
  if (chosen) await askFor(extension, chosen.version, chosen.pointerRef);
}

/** Asks for a reason and requests approval of a version for a stage or alias. */
export async function askFor(extension: Extension, version: Version, pointerRef: PointerRef): Promise<void> {
  const { model, number } = version;
  const reason = await vscode.window.showInputBox({
    title: vscode.l10n.t('Request approval: {0} v{1} → {2}', model, number, pointerText(pointerRef)),
    placeHolder: vscode.l10n.t('Reason (optional)'),
    ignoreFocusOut: true,
  });
  if (reason === undefined) return;
  const request = { model, version: String(number), [pointerRef.kind]: pointerRef.name, reason };
  await extension.service.call('POST /models/:model/versions/:version/ask-approval', request);
  void vscode.window.setStatusBarMessage(vscode.l10n.t('Approval requested.'), 4000);
}

async function approve(extension: Extension, node?: Node, given?: unknown): Promise<void> {
  const chosen = await chooseBoth(extension, { node, given, title: vscode.l10n.t('Approve') });
  if (!chosen) return;
  const { version, pointerRef } = chosen;
  const title = vscode.l10n.t('Approve {0} v{1} for {2}', version.model, version.number, pointerText(pointerRef));
  const comment = await vscode.window.showInputBox({
    title,
    placeHolder: vscode.l10n.t('Comment (optional)'),
    ignoreFocusOut: true,
  });
  if (comment === undefined) return;
  const request = {
    model: version.model,
    version: String(version.number),
    [pointerRef.kind]: pointerRef.name,
    comment,
  };
  const { note } = await extension.service.call('POST /models/:model/versions/:version/approve', request);
  if (note === undefined) void vscode.window.setStatusBarMessage(vscode.l10n.t('Approved.'), 4000);
  else void vscode.window.showInformationMessage(note);
}

async function reject(extension: Extension, node?: Node, given?: unknown): Promise<void> {
  const chosen = await chooseBoth(extension, { node, given, title: vscode.l10n.t('Reject') });
  if (!chosen) return;
  const { version, pointerRef } = chosen;
  const comment = await vscode.window.showInputBox({
    title: vscode.l10n.t('Reject {0} v{1} for {2}', version.model, version.number, pointerText(pointerRef)),
    placeHolder: vscode.l10n.t('Requested changes'),
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? vscode.l10n.t('Enter the requested changes.') : undefined),
  });
  if (comment === undefined) return;
  const request = {
    model: version.model,
    version: String(version.number),
    [pointerRef.kind]: pointerRef.name,
    comment,
  };
  await extension.service.call('POST /models/:model/versions/:version/reject', request);
  void vscode.window.setStatusBarMessage(vscode.l10n.t('Rejected.'), 4000);
}
