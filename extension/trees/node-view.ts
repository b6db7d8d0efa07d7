import * as vscode from 'vscode';
import { asPreview, type Node } from './nodes.ts';
import { paced } from './paced.ts';

/** Longer than VS Code waits for a tree to be still. */
const drawEveryMs = 250;

/** Draws nodes and owns none. For children that are null it calls `ask`; they appear when the tree is next drawn. */
export class NodeView implements vscode.TreeDataProvider<Node> {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #ask: (node: Node) => void;
  readonly #redraw = paced(() => this.#changed.fire(), drawEveryMs);
  #roots: Node[] = [];
  #parents = new Map<string, Node>();

  constructor(ask: (node: Node) => void = () => undefined) {
    this.#ask = ask;
  }

  /** Draws these rows from now on. */
  draw(roots: Node[]): void {
    this.#roots = roots;
    this.#parents = new Map();
    this.#redraw();
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
    const children = node.children ?? [];
    for (const child of children) this.#parents.set(child.id, node);
    return children;
  }

  /** Finds the row with this id. Looks below those rows for which `through` is true. */
  find(id: string, through: (node: Node) => boolean, among?: Node): Node | undefined {
    for (const node of this.getChildren(among)) {
      if (node.id === id) return node;
      const below = through(node) ? this.find(id, through, node) : undefined;
      if (below) return below;
    }
    return undefined;
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    const state = !('children' in node) ? None : node.open === true ? Expanded : Collapsed;
    const item = new vscode.TreeItem(node.label, state);
    const colour = node.colour === undefined ? undefined : new vscode.ThemeColor(node.colour);
    item.id = node.id;
    item.description = node.description;
    item.contextValue = node.context;
    item.iconPath = new vscode.ThemeIcon(node.icon, colour);
    item.accessibilityInformation = { label: `${node.label} ${node.description}` };
    const command = commandOf(node);
    if (command) item.command = command;
    return item;
  }

  /** Makes the tooltip of the row under the mouse. Content from files and people is inserted as text, never as Markdown. */
  resolveTreeItem(item: vscode.TreeItem, node: Node): vscode.TreeItem {
    const [head = '', ...lines] = node.tooltip.split('\n').filter((line) => line !== '');
    const tooltip = new vscode.MarkdownString();
    tooltip.appendMarkdown('**').appendText(head).appendMarkdown('**');
    for (const line of lines) tooltip.appendMarkdown('\n\n').appendText(line);
    item.tooltip = tooltip;
    return item;
  }
}

/** Returns the command for Enter or a click on a row. A row with a command expands by its arrow only. */
function commandOf(node: Node): vscode.Command | undefined {
  const { kind } = node.subject;
  if (kind === 'more') return { command: 'plinth.loadMore', title: node.label, arguments: [node] };
  if (kind === 'file') return { command: 'plinth.openFile', title: node.label, arguments: [node] };
  if (kind === 'version' || kind === 'pointer')
    return { command: 'plinth.openVersion', title: node.label, arguments: [node, asPreview] };
  if (kind === 'saved' || (kind === 'event' && node.context.startsWith('event.version')))
    return { command: 'plinth.openVersion', title: node.label, arguments: [node] };
  if (node.context === 'run.tracked') return { command: 'plinth.openRuns', title: node.label, arguments: [node] };
  return undefined;
}
