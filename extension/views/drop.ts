import * as vscode from 'vscode';
import type { Node } from '../nodes.ts';

const rows = 'application/vnd.code.tree.plinth.models';
const uris = 'text/uri-list';

/** A version dropped on a stage or alias starts the promote flow; files dropped on the tree are registered. */
export function dropOnModels(): vscode.TreeDragAndDropController<Node> {
  return {
    dragMimeTypes: [uris],
    dropMimeTypes: [rows, uris],
    handleDrag: (nodes, transfer) => {
      transfer.set(rows, new vscode.DataTransferItem(nodes));
    },
    handleDrop: async (target, transfer) => {
      const dragged = (transfer.get(rows)?.value as Node[] | undefined)?.[0];
      if (dragged?.subject.kind === 'version' && target?.subject.kind === 'pointer') {
        await vscode.commands.executeCommand('plinth.promote', dragged, target.subject.pointer);
        return;
      }
      const text = await transfer.get(uris)?.asString();
      for (const line of text?.split(/\r?\n/).filter((one) => one.startsWith('file:')) ?? []) {
        await vscode.commands.executeCommand('plinth.register', vscode.Uri.parse(line));
      }
    },
  };
}
