import * as vscode from 'vscode';
import { doInRegistry } from '../../daemon/clients/client/reference-actions.ts';
import { messageOf } from '../../daemon/errors.ts';
import type { Consumer, Features, Renaming } from '../../daemon/protocol/code-action.ts';
import type { Extension } from '../context.ts';
import type { LanguageFeatures } from './client.ts';
import { languages, mentionsModels } from '../editors/path-mentions.ts';
import { setting } from '../settings.ts';

const maxLine = 2_000_000;

/**
 * Registers the language features for references to models. The server and its client library are loaded when a document that
 * mentions models is opened or edited. Until then the only cost is to look at what is opened and typed.
 */
export function registerLanguageClient(extension: Extension): LanguageDoor {
  const door = new LanguageDoor(extension);
  for (const document of vscode.workspace.textDocuments) door.look(document);
  return door;
}

/** Starts the language features once, when they are first needed. */
export class LanguageDoor implements vscode.Disposable {
  readonly #extension: Extension;
  readonly #parts: vscode.Disposable;
  #renaming: vscode.Disposable | undefined;
  #started: Promise<LanguageFeatures | undefined> | undefined;

  constructor(extension: Extension) {
    this.#extension = extension;
    this.#parts = vscode.Disposable.from(
      vscode.workspace.onDidOpenTextDocument((document) => this.look(document)),
      vscode.workspace.onDidChangeTextDocument((event) => this.#typed(event)),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('plinth.editor'))
          void this.#started?.then((started) => started?.configure(features()));
      }),
    );
  }

  look(document: vscode.TextDocument): void {
    if (this.#started || !languages.includes(document.languageId)) return;
    if (isPolicy(document) || mentionsModels(document.getText(), document.languageId)) void this.start();
  }

  /** Returns the features, and starts them first when needed; undefined when they cannot start. */
  start(): Promise<LanguageFeatures | undefined> {
    this.#started ??= this.#start();
    return this.#started;
  }

  dispose(): void {
    this.#parts.dispose();
    this.#renaming?.dispose();
    void this.#started?.then((started) => started?.dispose());
  }

  /** Returns the references in this workspace that load a model. */
  async consumers(model: string): Promise<Consumer[]> {
    return (await (await this.start())?.consumers(model)) ?? [];
  }

  #typed({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (this.#started || !languages.includes(document.languageId)) return;
    const isReference = contentChanges.some(({ range, text }) => {
      const line = text.length > 20 ? text : document.lineAt(Math.min(range.start.line, document.lineCount - 1)).text;
      return line.length < maxLine && line.includes('models:/');
    });
    if (isReference) void this.start();
  }

  async #start(): Promise<LanguageFeatures | undefined> {
    const { context, service, log } = this.#extension;
    try {
      const { startLanguageClient } = await import('./client.ts');
      return await startLanguageClient({
        script: context.asAbsolutePath('dist/plinth.js'),
        dataFolder: service.dataFolder,
        variables: await service.remote.variables(),
        languages,
        features: features(),
        log,
        renaming: (renaming) => {
          this.#renaming?.dispose();
          this.#renaming = awaitRenaming(this.#extension, renaming);
        },
      });
    } catch (error) {
      log.warn('the language features could not be started', { reason: messageOf(error) });
      return undefined;
    }
  }
}

function isPolicy({ uri }: vscode.TextDocument): boolean {
  return /(^|\/)plinth\.(yaml|yml|lock)$/.test(uri.path);
}

function features(): Features {
  return {
    hover: setting('editor.hover', true),
    completion: setting('editor.completion', true),
    diagnostics: setting('editor.diagnostics', true),
    inlayHints: setting('editor.inlayHints', true),
    codeLens: setting('editor.codeLens', true),
    references: setting('editor.references', true),
  };
}

/** A preview of new names that stays open longer is no longer waited for. */
const maxPreviewMs = 600_000;

/** Waits until the first proposed new name appears in a text. Then offers to rename in the registry too. */
function awaitRenaming(extension: Extension, renaming: Renaming): vscode.Disposable {
  const watching = vscode.workspace.onDidChangeTextDocument(({ contentChanges }) => {
    if (!contentChanges.some(({ text }) => text === renaming.to)) return;
    end();
    void offerRenaming(extension, renaming);
  });
  const timer = setTimeout(() => watching.dispose(), maxPreviewMs);
  const end = (): void => {
    clearTimeout(timer);
    watching.dispose();
  };
  return { dispose: end };
}

/** Offers to rename in the registry as well, after the person renamed in texts. */
async function offerRenaming({ service }: Extension, renaming: Renaming): Promise<void> {
  const rename = vscode.l10n.t('Rename in Registry');
  const names = [renaming.from, renaming.to];
  const text =
    renaming.act === 'rename-model'
      ? vscode.l10n.t('Renamed model {0} to {1} in these files. The registry still calls it {0}.', ...names)
      : vscode.l10n.t('Renamed alias @{0} to @{1} in these files. The registry still has @{0}.', ...names);
  if ((await vscode.window.showInformationMessage(text, rename)) !== rename) return;
  try {
    await doInRegistry(service, renaming);
  } catch (error) {
    void vscode.window.showErrorMessage(messageOf(error));
  }
}
