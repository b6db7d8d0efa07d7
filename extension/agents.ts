import * as vscode from 'vscode';
import type { Service } from './service.ts';
import { setting } from './settings.ts';

/** Offers `plinth mcp` to the agents of the editor. The editor starts it when an agent uses it. */
export function registerMcpServer(context: vscode.ExtensionContext, service: Service): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const script = context.asAbsolutePath('dist/plinth.js');
  const { version } = context.extension.packageJSON as { version: string };
  return vscode.Disposable.from(
    changed,
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('plinth.ai') || event.affectsConfiguration('plinth.remote')) changed.fire();
    }),
    vscode.lm.registerMcpServerDefinitionProvider('plinth.registry', {
      onDidChangeMcpServerDefinitions: changed.event,
      provideMcpServerDefinitions: () => (vscode.workspace.isTrusted ? [definition(script, version, service)] : []),
      resolveMcpServerDefinition: async (found: vscode.McpStdioServerDefinition) => {
        found.env = { ...found.env, ...(await service.remote.variables()) };
        return found;
      },
    }),
  );
}

function definition(script: string, version: string, service: Service): vscode.McpStdioServerDefinition {
  const writes = setting('ai.mcp.allowWrites', false) ? ['--allow-writes'] : [];
  const args = [script, '--data', service.dataFolder, 'mcp', ...writes];
  const env = process.versions['electron'] === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' };
  const server = new vscode.McpStdioServerDefinition('Plinth', process.execPath, args, env, version);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (folder) server.cwd = folder;
  return server;
}
