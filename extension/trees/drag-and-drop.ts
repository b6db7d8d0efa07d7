import * as vscode from 'vscode';
import { draggedReferences, referencesType } from './drop-into-editor.ts';
import { filesUri } from '../version-uris.ts';
import type { Node } from './nodes.ts';

const rows = 'application/vnd.code.tree.plinth.models';
const uris = 'text/uri-list';

/** Handles drags and drops: a version dropped on an editor with Shift is inserted; a version dropped on a stage or alias starts the promotion, and files dropped on the tree are registered. */
export function dropOnModels(): vscode.TreeDragAndDropController<Node> {
  return {
    dragMimeTypes: [uris, referencesType],
    dropMimeTypes: [rows, uris],
    handleDrag: async (nodes, transfer) => {
      transfer.set(rows, new vscode.DataTransferItem(nodes));
      // A version has no address as a file: the editor would insert that address instead of the reference.
      const places = nodes.flatMap(({ subject }) =>
        subject.kind === 'file' ? [filesUri(subject.version, subject.file.path)] : [],
      );
      const references = await draggedReferences(nodes);
      if (references.length > 0) transfer.set(referencesType, new vscode.DataTransferItem(JSON.stringify(references)));
      if (places.length > 0) transfer.set(uris, new vscode.DataTransferItem(places.map(String).join('\r\n')));
    },
    handleDrop: async (target, transfer) => {
      const dragged = (transfer.get(rows)?.value as Node[] | undefined)?.[0];
      if (dragged) return dropRow(dragged, target);
      const text = await transfer.get(uris)?.asString();
      const files = (text ?? '').split(/\r?\n/).filter((line) => line.startsWith('file:'));
      if (files.length === 0) return;
      await vscode.commands.executeCommand(
        'plinth.register',
        undefined,
        files.map((line) => vscode.Uri.parse(line)),
      );
    },
  };
}

async function dropRow(dragged: Node, target: Node | undefined): Promise<void> {
  if (dragged.subject.kind !== 'version' || target?.subject.kind !== 'pointer') return;
  if (target.subject.model !== dragged.subject.version.model) return;
  await vscode.commands.executeCommand('plinth.promote', dragged, target.subject.pointer);
}
