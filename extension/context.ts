import type * as vscode from 'vscode';
import type { Basket } from './compare-selection.ts';
import type { Node } from './trees/nodes.ts';
import type { Service } from './service.ts';
import type { Options } from './trees/options.ts';
import type { SuppressedMessages } from './suppressed-messages.ts';
import type { NodeView } from './trees/node-view.ts';

/** Shared by the parts of the extension. */
export interface Extension {
  readonly context: vscode.ExtensionContext;
  readonly service: Service;
  readonly log: vscode.LogOutputChannel;
  /** The rows of the models' tree. */
  readonly models: NodeView;
  readonly tree: vscode.TreeView<Node>;
  readonly basket: Basket;
  readonly options: Options;
  readonly messages: SuppressedMessages;
}
