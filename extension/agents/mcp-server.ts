import * as vscode from 'vscode';
import type { Service } from '../service.ts';
import { setting } from '../settings.ts';

/**
 * Offers `plinth mcp` to the agents of the editor, if a person wants that: with the tools of the editor, agents would see each tool
 * twice. The editor starts the server when an agent uses it. Does nothing in a host without this part of the API.
 */
export function registerMcpServer(context: vscode.ExtensionContext, service: Service): vscode.Disposable {
  const host = vscode.lm as typeof vscode.lm | undefined;
  if (typeof host?.registerMcpServerDefinitionProvider !== 'function') return new vscode.Disposable(() => undefined);
  const isWanted = (): boolean => {
    const offered = setting<Offered>('ai.offerAs', 'tools');
    const isOnly = typeof host.registerTool !== 'function' && offered === 'tools';
    return vscode.workspace.isTrusted && (isOnly || offered === 'mcp' || offered === 'both');
  };
  const changed = new vscode.EventEmitter<void>();
  const script = context.asAbsolutePath('dist/plinth.js');
  const { version } = context.extension.packageJSON as { version: string };
  return vscode.Disposable.from(
    changed,
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('plinth.ai') || event.affectsConfiguration('plinth.remote')) changed.fire();
    }),
    host.registerMcpServerDefinitionProvider('plinth.registry', {
      onDidChangeMcpServerDefinitions: changed.event,
      provideMcpServerDefinitions: () => (isWanted() ? [definition(script, version, service)] : []),
      resolveMcpServerDefinition: async (found: vscode.McpStdioServerDefinition) => {
        found.env = { ...found.env, ...(await service.remote.variables()) };
        return found;
      },
    }),
  );
}

/** How the registry is offered to agents: as tools of the editor, as an MCP server, both, or not at all. */
type Offered = 'tools' | 'mcp' | 'both' | 'none';

function definition(script: string, version: string, service: Service): vscode.McpStdioServerDefinition {
  const writes = setting('ai.mcp.allowWrites', false) ? ['--allow-writes'] : [];
  const args = [script, '--data', service.dataFolder, 'mcp', ...writes];
  const env = process.versions['electron'] === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' };
  const server = new vscode.McpStdioServerDefinition('Plinth', process.execPath, args, env, version);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (folder) server.cwd = folder;
  return server;
}
