import * as vscode from 'vscode';
import type { PointerRef, Version } from '../../daemon/protocol/model.ts';
import type { GateResult, GateReport } from '../../daemon/protocol/policy.ts';
import type { Extension } from '../context.ts';
import { nodeOf, type Node } from '../trees/nodes.ts';
import { trustRules } from './prune.ts';
import { versionFrom } from '../pick.ts';
import { isPointerRef, pickPointer } from './pick-pointer.ts';
import { working } from './receipts.ts';
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
  if (!report.gates.some(({ gate, actual }) => gate.startsWith('command ') && actual === 'not run')) return report;
  return running(extension, { model, number }, pointerRef);
}

function running(
  extension: Extension,
  { model, number }: Pick<Version, 'model' | 'number'>,
  pointerRef: PointerRef,
): Promise<GateReport> {
  const request = { model, version: String(number), [pointerRef.kind]: pointerRef.name };
  const title = vscode.l10n.t('Running the gates of {0} v{1}…', model, number);
  return working(title, () => extension.service.call('POST /models/:model/versions/:version/gates', request));
}

/** Returns one line for a review; empty when there are no gates. */
export function gatesText({ gates, allowed }: GateReport): string {
  if (gates.length === 0) return '';
  return allowed
    ? gates.length === 1
      ? vscode.l10n.t('Gate passed.')
      : vscode.l10n.t('All {0} gates passed.', gates.length)
    : vscode.l10n.t('Failed gates: {0}.', failedIn(gates).join(', '));
}

function failedIn(gates: readonly GateResult[]): string[] {
  return gates.filter(({ outcome }) => outcome === 'failed').map(({ gate }) => gate);
}

/** Sorts failed gates first, because people look for those. */
function worstFirst(gates: readonly GateResult[]): GateResult[] {
  const order = { failed: 0, passed: 1, skipped: 2 };
  return gates.toSorted((a, b) => order[a.outcome] - order[b.outcome]);
}

const icons = { passed: '$(pass)', failed: '$(error)', skipped: '$(circle-slash)' } as const;

interface GateItem extends vscode.QuickPickItem {
  act?: 'approval' | 'bypass' | 'trust';
}

function gateItem({ gate, outcome, detail, expected, actual }: GateResult): GateItem {
  const wanted = expected === undefined ? [] : [vscode.l10n.t('expected {0}', expected)];
  const so = actual === undefined ? [] : [vscode.l10n.t('actual {0}', actual)];
  return { label: `${icons[outcome]} ${gate}`, description: [...wanted, ...so].join(' · '), detail };
}

/** Shows the gates that fail. The person may request approval, bypass the gates, or cancel. */
export async function askPastGates(
  extension: Extension,
  report: GateReport,
): Promise<'approval' | 'bypass' | 'again' | undefined> {
  const acts: GateItem[] = [
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    ...trustItems(report),
    { label: vscode.l10n.t('$(question) Request Approval…'), act: 'approval' },
    {
      label: vscode.l10n.t('$(warning) Override Gates and Promote…'),
      description: vscode.l10n.t('admin; recorded in the audit log'),
      act: 'bypass',
    },
  ];
  const picked = await show(report, acts);
  if (picked?.act !== 'trust') return picked?.act;
  return (await trustRules(extension, report.policy?.path)) ? 'again' : undefined;
}

/** Offered when a command gate waits until somebody trusts its file. */
function trustItems({ gates, policy }: GateReport): GateItem[] {
  const waits = gates.some(({ gate, outcome, actual }) => {
    return gate.startsWith('command ') && outcome === 'failed' && actual === undefined;
  });
  if (!waits || policy === null) return [];
  const description = vscode.l10n.t('shows the commands first');
  return [{ label: vscode.l10n.t('$(shield) Trust Policy Commands…'), description, act: 'trust' }];
}

function show(report: GateReport, acts: readonly GateItem[]): Thenable<GateItem | undefined> {
  const { model, number, allowed, gates } = report;
  const title = allowed
    ? vscode.l10n.t('{0} v{1} passes all gates for {2}', model, number, pointerText(report))
    : vscode.l10n.t(
        'Cannot promote {0} v{1} to {2}: {3} of {4} gates failed',
        model,
        number,
        pointerText(report),
        failedIn(gates).length,
        gates.length,
      );
  const [conflict] = report.conflicts ?? [];
  const placeHolder =
    conflict ??
    (report.policy === null
      ? vscode.l10n.t('No policy applies to this model.')
      : report.policy.committed === false
        ? vscode.l10n.t('Policy: {0} (uncommitted)', report.policy.path)
        : vscode.l10n.t('Policy: {0}', report.policy.path));
  return vscode.window.showQuickPick([...worstFirst(gates).map(gateItem), ...acts], {
    title,
    placeHolder,
    ignoreFocusOut: true,
  });
}

async function runGates(extension: Extension, node?: Node, given?: unknown): Promise<void> {
  const chosen = await chooseBoth(extension, { node, given, title: vscode.l10n.t('Run Gates') });
  if (!chosen) return;
  const { version, pointerRef } = chosen;
  const report = await running(extension, version, pointerRef);
  const again: GateItem[] = report.allowed
    ? []
    : [
        { label: '', kind: vscode.QuickPickItemKind.Separator },
        ...trustItems(report),
        { label: vscode.l10n.t('$(question) Request Approval…'), act: 'approval' },
      ];
  const picked = await show(report, again);
  if (picked?.act === 'approval') await askFor(extension, version, pointerRef);
  if (picked?.act === 'trust' && (await trustRules(extension, report.policy?.path)))
    await runGates(extension, nodeOf({ kind: 'version', version }), pointerRef);
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
