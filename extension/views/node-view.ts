import * as vscode from 'vscode';
import type { Node } from '../nodes.ts';

/** Draws nodes; owns nothing. Children that are null are asked for and come with the next drawing. */
export class NodeView implements vscode.TreeDataProvider<Node> {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #ask: (node: Node) => void;
  #roots: Node[] = [];
  #parents = new Map<string, Node>();

  constructor(ask: (node: Node) => void = () => undefined) {
    this.#ask = ask;
  }

  /** Draws these from now on. */
  draw(roots: Node[]): void {
    this.#roots = roots;
    this.#parents = new Map();
    for (const root of roots) this.#adopt(root);
    this.#changed.fire();
  }

  #adopt(node: Node): void {
    for (const child of node.children ?? []) {
      this.#parents.set(child.id, node);
      this.#adopt(child);
    }
  }

  get roots(): readonly Node[] {
    return this.#roots;
  }

  getParent(node: Node): Node | undefined {
    return this.#parents.get(node.id);
  }

  getChildren(node?: Node): Node[] {
    if (!node) return this.#roots;
    if (node.children === null) this.#ask(node);
    return node.children ?? [];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const { None, Collapsed } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(node.label, node.children === undefined ? None : Collapsed);
    const colour = node.colour === undefined ? undefined : new vscode.ThemeColor(node.colour);
    item.id = node.id;
    item.description = node.description;
    item.tooltip = node.tooltip;
    item.contextValue = node.context;
    item.iconPath = new vscode.ThemeIcon(node.icon, colour);
    item.accessibilityInformation = { label: `${node.label} ${node.description}` };
    if (node.subject.kind === 'more')
      item.command = { command: 'plinth.loadMore', title: node.label, arguments: [node] };
    return item;
  }
}
