import * as vscode from 'vscode';
import type { Extension } from '../context.ts';
import type { GateExplorer } from './gate-explorer.ts';

/**
 * Shows gates in Test Explorer. Their code is loaded when somebody opens that view, or a plinth.yaml. Nothing is started before.
 */
export function registerTestExplorer(extension: Extension): vscode.Disposable {
  const controller = vscode.tests.createTestController('plinth.gates', vscode.l10n.t('Plinth Gates'));
  let loaded: Promise<GateExplorer> | undefined;
  const explorer = (): Promise<GateExplorer> => (loaded ??= load(extension, controller));
  const run = vscode.TestRunProfileKind.Run;
  controller.resolveHandler = async (item) => (await explorer()).resolve(item);
  controller.refreshHandler = async () => (await explorer()).refresh();
  const check = async (...given: Asked): Promise<void> => (await explorer()).run(...given);
  const checkVersion = async (...given: Asked): Promise<void> => (await explorer()).runForVersion(...given);
  controller.createRunProfile(vscode.l10n.t('Check Gates'), run, check, true);
  controller.createRunProfile(vscode.l10n.t('Check Gates of a Version…'), run, checkVersion);
  const look = async ({ uri }: vscode.TextDocument): Promise<void> => {
    if (uri.scheme === 'file' && uri.path.endsWith('/plinth.yaml')) await (await explorer()).look();
  };
  for (const document of vscode.workspace.textDocuments) void look(document);
  return vscode.Disposable.from(controller, vscode.workspace.onDidOpenTextDocument(look), {
    dispose: () => void loaded?.then((one) => one.dispose()),
  });
}

type Asked = [vscode.TestRunRequest, vscode.CancellationToken];

async function load(extension: Extension, controller: vscode.TestController): Promise<GateExplorer> {
  const { GateExplorer: Explorer } = await import('./gate-explorer.ts');
  return new Explorer(extension, controller);
}
