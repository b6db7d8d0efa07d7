import * as vscode from 'vscode';
import type { Node } from './nodes.ts';

/** True for the argument of a keybinding, which names no row and means the row that has the focus. */
export function isKey(argument: unknown): boolean {
  return argument !== null && typeof argument === 'object' && 'key' in argument && argument.key === true;
}

/** True for the arguments of a menu whose row was drawn again while the menu was open. The row still has the focus. */
export function isLost(args: readonly unknown[]): boolean {
  return args.length > 1 && args.every((argument) => argument === undefined || isEmptySelection(argument));
}

function isEmptySelection(argument: unknown): boolean {
  return Array.isArray(argument) && argument.every((row) => row === undefined || row === null);
}

/**
 * Returns the row that has the keyboard's focus, and the selection, as a menu would pass them. VS Code tells extensions only the
 * selection, so this toggles the focused row, sees which row changed in the selection, and toggles it back.
 */
export async function focused(tree: vscode.TreeView<Node>): Promise<[Node | undefined, readonly Node[]]> {
  const before = tree.selection;
  await vscode.commands.executeCommand('list.toggleSelection');
  const after = tree.selection;
  const ids = (nodes: readonly Node[]): Set<string> => new Set(nodes.map(({ id }) => id));
  const [were, are] = [ids(before), ids(after)];
  const node = after.find(({ id }) => !were.has(id)) ?? before.find(({ id }) => !are.has(id)) ?? before[0];
  const others = before.length > 1 && node && were.has(node.id) ? before : node ? [node] : [];
  await vscode.commands.executeCommand('list.toggleSelection');
  return [node, others];
}
