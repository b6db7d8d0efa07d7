import type * as vscode from 'vscode';
import type { Service } from './service.ts';
import type { NodeView } from './views/node-view.ts';

/** What the parts of the extension share. */
export interface Extension {
  readonly context: vscode.ExtensionContext;
  readonly service: Service;
  readonly log: vscode.LogOutputChannel;
  readonly models: NodeView;
}
