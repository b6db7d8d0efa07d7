import * as vscode from 'vscode';
import type { Extension } from '../context.ts';
import type { Command } from './command.ts';

/** Commands about faults of ours. */
export const reportCommands: Command[] = [
  { id: 'plinth.collectDiagnostics', run: collectDiagnostics },
  { id: 'plinth.reportIssue', run: reportIssue },
];

/** Shows the report of a fault before anybody sends it. */
async function collectDiagnostics(extension: Extension): Promise<void> {
  const content = await reportOf(extension);
  const document = await vscode.workspace.openTextDocument({ language: 'markdown', content });
  await vscode.window.showTextDocument(document, { preview: true });
}

/** Opens the editor's form for issues with the report in it. Shows the report itself in an editor that has no such form. */
async function reportIssue(extension: Extension): Promise<void> {
  const data = await reportOf(extension);
  const extensionId = extension.context.extension.id;
  try {
    await vscode.commands.executeCommand('vscode.openIssueReporter', { extensionId, data });
  } catch {
    await collectDiagnostics(extension);
  }
}

async function reportOf(extension: Extension): Promise<string> {
  // Loaded when it is needed, because nothing else in the extension removes secrets.
  const { faultReport, faultReportText } = await import('../../daemon/clients/client/fault-report.ts');
  const { service, context, basket, options } = extension;
  const { phase, readsOnly, models, status, activity } = service.mirror;
  const { version } = context.extension.packageJSON as { version: string };
  const { filter, ...tree } = options.now;
  const window = {
    'VS Code': vscode.version,
    remote: remoteKind(vscode.env.remoteName),
    trusted: vscode.workspace.isTrusted,
    folders: vscode.workspace.workspaceFolders?.length ?? 0,
    connection: phase,
    'read-only': readsOnly !== null,
    'models shown': models.length,
    'last event shown': activity[0]?.seq ?? null,
    compared: basket.references.length,
    ...Object.fromEntries(Object.entries(tree).map(([name, value]) => [`tree: ${name}`, String(value)])),
    'tree: filtered': filter !== '',
  };
  return faultReportText(
    faultReport({
      version,
      status: status ?? undefined,
      dataFolder: service.remote.url === undefined ? service.dataFolder : undefined,
      more: { Window: window, 'Changed settings': changedSettings(context.extension.packageJSON) },
    }),
  );
}

/** Returns the kind of a remote window. The name of any other may be that of a host. */
function remoteKind(name: string | undefined): string {
  if (name === undefined) return 'no';
  return remoteKinds.has(name) ? name : 'another kind';
}

const remoteKinds: ReadonlySet<string> = new Set([
  'ssh-remote',
  'wsl',
  'dev-container',
  'attached-container',
  'codespaces',
  'tunnel',
]);

interface Declared {
  type: string;
  default: unknown;
  enum?: unknown[];
}

/** Returns the settings that differ from their defaults. A text that the person wrote may be a path or a name: of it only that it is set. */
function changedSettings(manifest: unknown): Record<string, string> {
  const { contributes } = manifest as {
    contributes: { configuration: { properties: Readonly<Record<string, Declared>> } };
  };
  const configuration = vscode.workspace.getConfiguration();
  const changed = Object.entries(contributes.configuration.properties).flatMap(([name, declared]) => {
    const value: unknown = configuration.get(name);
    const isDefault = JSON.stringify(value) === JSON.stringify(declared.default);
    return isDefault ? [] : [[name, settingText(value, declared)] as const];
  });
  return Object.fromEntries(changed);
}

function settingText(value: unknown, declared: Declared): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string' && declared.enum?.includes(value) === true) return value;
  if (typeof value === 'object' && value !== null) return `${Object.keys(value).length} entries`;
  return 'set';
}
