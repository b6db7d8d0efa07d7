import * as vscode from 'vscode';
import type { Extension } from '../context.ts';

export const cardScheme = 'plinth-card';

/** Provides the card of a model as a document. Saving the document writes the card to the registry. */
export function registerCards({ service }: Pick<Extension, 'service'>): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const kept = new Map<string, { bytes: Uint8Array; at: number }>();
  const read = async (uri: vscode.Uri): Promise<{ bytes: Uint8Array; at: number }> => {
    const request = { model: modelIn(uri) };
    const { text, at } = await service.callInBackground((client) => client.call('GET /models/:model/card', request));
    const found = { bytes: new TextEncoder().encode(text), at: at ?? 0 };
    kept.set(uri.toString(), found);
    return found;
  };
  const refuse = (): never => {
    throw vscode.FileSystemError.NoPermissions(vscode.l10n.t('Only the model card can be edited.'));
  };
  const provider: vscode.FileSystemProvider = {
    onDidChangeFile: changed.event,
    watch: () => new vscode.Disposable(() => undefined),
    stat: async (uri) => {
      const { bytes, at } = kept.get(uri.toString()) ?? (await read(uri));
      return { type: vscode.FileType.File, ctime: 0, mtime: at, size: bytes.length };
    },
    readFile: async (uri) => (await read(uri)).bytes,
    writeFile: async (uri, bytes) => {
      await service.call('POST /models/:model/card', { model: modelIn(uri), text: new TextDecoder().decode(bytes) });
      kept.set(uri.toString(), { bytes, at: Date.now() });
      changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
    },
    readDirectory: () => [],
    createDirectory: refuse,
    delete: refuse,
    rename: refuse,
  };
  const options = { isCaseSensitive: true };
  return vscode.Disposable.from(changed, vscode.workspace.registerFileSystemProvider(cardScheme, provider, options));
}

export function cardUri(model: string): vscode.Uri {
  return vscode.Uri.from({ scheme: cardScheme, path: `/${model}/card.md` });
}

function modelIn({ path }: vscode.Uri): string {
  return path.split('/')[1] ?? '';
}
