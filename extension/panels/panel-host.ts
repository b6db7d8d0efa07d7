import * as vscode from 'vscode';
import { withKept } from '../../webview/page-host/page-settings.ts';
import type { EditorActions, PageHost, ReviewAction, SavedFile } from '../../webview/page-host/page-host.ts';
import type { PageLocation, ToPage, View } from '../../webview/protocol.ts';
import type { Run, Version } from '../../daemon/protocol/model.ts';
import type { PolicyDraft } from '../../daemon/protocol/policy.ts';
import { runReference } from '../../daemon/shared/references.ts';
import { readReference, referenceOf, versionPick } from '../pick.ts';
import { consumersOf } from '../language/consumers.ts';
import type { Extension } from '../context.ts';
import { saveVersionFile } from '../editors/save-version-file.ts';
import { showDifferences, showTextDifference } from '../editors/diff-editor.ts';
import { baseName, nodeOf } from '../trees/nodes.ts';
import { setting } from '../settings.ts';
import { linkPath } from './page-location.ts';

interface Panel {
  post(message: ToPage): void;
  /** Shows another comparison in this panel. */
  move(location: PageLocation): void;
  openOther(location: PageLocation): void;
  redraw(): void;
}

/** Makes VS Code the host of a page. Its dialogs are the same commands that the trees use. */
export function panelHost(extension: Extension, panel: Panel): PageHost {
  const { service } = extension;
  const run = async (command: string, ...values: unknown[]): Promise<void> => {
    await vscode.commands.executeCommand(command, ...values);
  };
  return {
    call: (route, request) => service.call(route, request),
    callInBackground: (route, request) => service.callInBackground((client) => client.call(route, request)),
    readPoints: (versions, metric, points) =>
      service.callInBackground((client) => client.points(versions, metric, points)),
    readReport: (of) => service.callInBackground((client) => client.report(of)),
    openReport: async (of) => {
      const address = await service.callInBackground((client) => client.reportAddress(of));
      await vscode.env.openExternal(await vscode.env.asExternalUri(vscode.Uri.parse(address, true)));
    },
    post: panel.post,
    presentation: () => presentation(extension),
    complete: withReferenceCount(panel.redraw),
    open: async (next, current) => {
      if (next.page !== current.page || !movesInPlace(next)) {
        panel.openOther(next);
        return false;
      }
      panel.move(next);
      if (next.page === 'compare') await extension.basket.put(next.versions);
      return true;
    },
    linkTo: (location) => `${vscode.env.uriScheme}://${extension.context.extension.id}${linkPath(location)}`,
    reportError: (text) => void vscode.window.showErrorMessage(text),
    keep: (key, value) => {
      const { globalState } = extension.context;
      void globalState.update(keptKey, withKept(globalState.get(keptKey, {}), key, value));
    },
    copyText: async (text) => vscode.env.clipboard.writeText(text),
    saveFile,
    downloadFile: (file) => saveVersionFile(extension, file),
    showText,
    dialogs: {
      promote: async (reference) => run('plinth.promote', await versionNode(extension, reference)),
      review: async (action, reference, pointer) =>
        run(reviewCommands[action], await versionNode(extension, reference), pointer),
      rollBack: (model, pointer) => run('plinth.rollBack', nodeOf({ kind: 'pointer', model, pointer })),
      pickVersion,
      editCard: (model) => run('plinth.editCard', model),
      editTags: async (reference) => run('plinth.tag', await versionNode(extension, reference)),
    },
    editor: editorActions(extension, run),
  };
}

/** Returns what only an editor can do. */
function editorActions(
  extension: Extension,
  run: (command: string, ...values: unknown[]) => Promise<void>,
): EditorActions {
  return {
    showDifferences: (baseline, candidate) => showDifferences(extension, baseline, candidate),
    findReferences: async (name) => {
      const model = await extension.service.call('GET /models/:model', { model: name });
      await run('plinth.findReferences', nodeOf({ kind: 'model', model }));
    },
    exportComparison: (versions) => run('plinth.exportComparison', versions),
    editPolicy,
    showTextDifference,
  };
}

/** True for pages that show another comparison, baseline or model in their own panel. */
function movesInPlace({ page }: PageLocation): boolean {
  return page === 'compare' || page === 'lineage' || page === 'models';
}

const reviewCommands: Record<ReviewAction, string> = {
  askApproval: 'plinth.requestApproval',
  approve: 'plinth.approve',
  reject: 'plinth.reject',
};

async function versionNode(extension: Extension, reference: string): Promise<ReturnType<typeof nodeOf>> {
  return nodeOf({ kind: 'version', version: await readReference(extension, reference) });
}

const keptKey = 'plinth.kept';

function presentation({ service, context }: Extension): ReturnType<PageHost['presentation']> {
  const canChange = vscode.workspace.isTrusted && service.mirror.readsOnly === null;
  return {
    onlyDifferences: setting('compare.onlyDifferences', true),
    kept: context.globalState.get(keptKey, {}),
    words: (vscode.l10n.bundle ?? {}) as Record<string, string>,
    canChange,
    canApprove: canChange,
  };
}

/** Adds the number of references in this workspace from the last count, counts again, and redraws when the number changed. */
function withReferenceCount(redraw: () => void): (view: View) => View {
  let counted: number | undefined;
  return (view) => {
    if (view.page !== 'model' && view.page !== 'lineage') return view;
    const before = counted;
    void consumersOf(view.model.name).then(({ length }) => {
      counted = length;
      if (length !== (before ?? 0)) redraw();
    });
    return before === undefined ? view : { ...view, references: before };
  };
}

async function pickVersion(versions: readonly Version[], runs: readonly Run[]): Promise<string | undefined> {
  const picks = [
    ...runs.map(({ folder }) => ({
      label: baseName(folder),
      description: vscode.l10n.t('live run'),
      reference: runReference(folder),
    })),
    ...versions.map((version) => ({ ...versionPick(version), reference: referenceOf(version) })),
  ];
  const title = vscode.l10n.t('Add Version');
  return (await vscode.window.showQuickPick(picks, { title, matchOnDescription: true }))?.reference;
}

async function showText(path: string, text: string): Promise<void> {
  const language = path.endsWith('.diff') ? { language: 'diff' } : {};
  const document = await vscode.workspace.openTextDocument({ content: text, ...language });
  await vscode.window.showTextDocument(document, { preview: true });
}

async function saveFile({ name, content }: SavedFile): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {});
  if (!target) return;
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  await vscode.workspace.fs.writeFile(target, bytes);
}

/** Changes the file in an editor without saving it. */
async function editPolicy({ path, exists, text, line }: PolicyDraft): Promise<void> {
  const file = vscode.Uri.file(path);
  const document = await vscode.workspace.openTextDocument(exists ? file : file.with({ scheme: 'untitled' }));
  const change = new vscode.WorkspaceEdit();
  change.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  await vscode.workspace.applyEdit(change);
  const at = new vscode.Range(line - 1, 0, line - 1, 0);
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, selection: at });
}
